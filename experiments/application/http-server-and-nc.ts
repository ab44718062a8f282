// An ordinary HTTP server and nc: how the connection begins, and what each side shows of it. `http-server-close` shows how
// it ends.
import { equal, experiment, finding, type HostName, holds, sequence, textOf, type View, within } from '#finwait';

export default experiment({
  title: 'A real HTTP server and nc',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire }) {
    await client.sysctl('net.ipv4.ip_local_port_range');
    const options = ['--bind', server.address, '--directory', import.meta.dirname, '20880'];
    const http = await server.spawn('python3', ['-u', '-m', 'http.server', ...options], { name: 'http.server' });
    await http.output(/Serving HTTP/);
    for (let times = 0; times < 2; times++) {
      const nc = await client.spawn('nc', ['-nv', server.address, '20880']);
      await nc.output(/succeeded/);
      await wire.quiet();
    }
    for (const host of [client, server]) await (await host.spawn('ss', ['-tnp'], { name: `ss ${host.name}` })).exited();
  },

  findings: {
    C1: finding(
      'An HTTP server and nc: a handshake of three segments; both sides of the connection are visible; the port of the server is fixed, that of the client ephemeral',
      {
        'of the handshake': (run) => sequence(run.connection().handshake, ['client S', 'server S.', 'client .']),
        'of both sides, with their programs': (run) => [shows(run, 'client', 'nc'), shows(run, 'server', 'python')],
        'of the ports of two connections': (run) => {
          const syns = run.segments({ flags: 'S' });
          const before = run.between(undefined, run.client.processes('start')[0]); // nobody knows what programs do to it
          const range = before.client.setting('net.ipv4.ip_local_port_range');
          const [low, high] = (range?.value ?? '').split(/\s+/).map(Number) as [number, number];
          const servers = syns.map(({ destination }) => destination.port);
          const clients = [...new Set(syns.map(({ source }) => source.port))];
          return [
            equal('ports of the server', [20880, 20880], servers, syns),
            equal('ports of the client', 2, clients.length, syns),
            clients.map((port) => within('port of the client', [low, high], port, '', [range, ...syns])),
          ];
        },
      },
    ),
  },
});

/** The line ss prints for a connection, with the program that holds it. */
const shows = (run: View, host: HostName, program: string) => {
  const printed = run.host(host).output(`ss ${host}`);
  const { client } = run.connection();
  const lines = textOf(printed).split('\n');
  const line = lines.find((one) => one.startsWith('ESTAB') && one.includes(`:${client.port} `)) ?? 'no line';
  return holds(`ESTAB, held by ${program}`, line.replaceAll(/\s+/g, ' '), line.includes(`(("${program}`), printed);
};
