// An ordinary HTTP server and nc: how the connection begins, and what each side shows of it. `http-server-close` shows its end.
import { all, equal, experiment, finding, type HostName, holds, sequence, textOf, type View, within } from '#finwait';

const port = 20880;
const ephemeral = 'net.ipv4.ip_local_port_range';

export default experiment({
  title: 'A real HTTP server and nc',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    const python = ['-u', '-m', 'http.server', '--bind', server.address, '--directory', import.meta.dirname];
    const http = await server.spawn('python3', [...python, String(port)], { name: 'http.server' });
    await http.output(/Serving HTTP/);
    const nc = async () => {
      const program = await client.spawn('nc', ['-nv', server.address, String(port)]);
      await program.output(/succeeded/);
      await wire.quiet();
    };

    await stage('two connections', async () => {
      await client.sysctl(ephemeral);
      await nc();
      await nc();
      for (const host of [client, server])
        await (await host.spawn('ss', ['-tnp'], { name: `ss ${host.name}` })).exited();
    });
  },

  findings: {
    C1: finding(
      'An HTTP server and nc: a handshake of three segments; both sides of the connection are visible; the port of the server is fixed, that of the client ephemeral',
      {
        'of the handshake': (run) =>
          sequence(run.during('two connections').connection().handshake, ['client S', 'server S.', 'client .']),
        'of both sides, with their programs': (run) => all(shows(run, 'client', 'nc'), shows(run, 'server', 'python')),
        'of the ports of two connections': (run) => {
          const view = run.during('two connections');
          const syns = view.segments({ flags: 'S' });
          const [nc] = view.client.processes('start');
          const range = view.between(undefined, nc).client.setting(ephemeral); // nobody knows what programs do to it
          const [low, high] = (range?.value ?? '').split(/\s+/).map(Number) as [number, number];
          const servers = new Set(syns.map(({ destination }) => destination.port));
          const clients = new Set(syns.map(({ source }) => source.port));
          const inRange = [...clients].map((one) =>
            within('port of the client', [low, high], one, '', [range, ...syns]),
          );
          return all(
            equal('port of the server', [port], [...servers], syns),
            equal('ports of the client', 2, clients.size, syns),
            ...inRange,
          );
        },
      },
    ),
  },
});

/** The line ss prints for a connection, with the program that holds it. */
const shows = (run: View, host: HostName, program: string) => {
  const view = run.during('two connections');
  const { client } = view.connection();
  const printed = view.host(host).output(`ss ${host}`);
  const line = textOf(printed)
    .split('\n')
    .find((one) => one.startsWith('ESTAB') && one.includes(`:${client.port} `) && one.includes(`:${port} `));
  return holds(
    `ss on the ${host}: ESTAB, held by ${program}`,
    `ss on the ${host}: ${line?.replaceAll(/\s+/g, ' ').trim() ?? 'no line'}`,
    line?.includes(`(("${program}`) ?? false,
    printed,
  );
};
