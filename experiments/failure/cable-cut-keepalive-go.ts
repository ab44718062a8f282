// The article's own test: a Go client asks for keepalive with a period of 5 s, and the cable is pulled while the connection
// is idle. A probe after the period, and then one each period, as many as the sysctl says; then the connection is CLOSED.
import { endState, equal, experiment, finding, goProgram, returns, waits } from '#finwait';

const sysctl = 'net.ipv4.tcp_keepalive_probes';

export default experiment({
  title: 'The cable is pulled while a Go client is idle, keepalive on',
  article: 'disconnect-experiments',
  needs: ['go'],
  longestWaitSeconds: 8,
  timeoutSeconds: 240,

  async run({ client, server, wire, stage, pace }) {
    const [period, most] = pace === 'article' ? ['5s', 9] : ['2s', 3];
    const dialer = await goProgram(client, `${import.meta.dirname}/programs/dialer.go`);
    await client.sysctl(sysctl, most);
    await (await server.node()).listen(50000, { allowHalfOpen: true });
    const program = await client.spawn(dialer, ['-keepalive', period, `${server.address}:50000`]);
    await program.output(/connected/);
    await stage('cut', async () => {
      await wire.cut();
      await program.exited({ timeoutMs: 200_000 }); // its read() has failed; a Go of 1.23 or later probes for two minutes
    });
    await client.sysctl(sysctl); // nobody has changed it
  },

  furtherCases: { C5: ['cable-cut-keepalive', 'keepalive-defaults'] },
  findings: {
    C5: finding(
      'Keepalive probes go out after keepalive_time, then every keepalive_intvl, keepalive_probes of them; then the connection is CLOSED. The defaults take over two hours',
      {
        "with Go's SetKeepAlivePeriod(d), which leaves the count to the sysctl": (run) => {
          const connection = run.connection();
          const asked = (name: string) =>
            1000 * Number(connection.calls('client', 'setsockopt').findLast(({ args }) => args[2] === name)?.args[3]);
          const most = Number(run.client.setting(sysctl)?.value);
          const probes = connection.during('cut').segments.filter(({ role }) => role === 'keepalive-probe');
          return [
            waits(
              [asked('TCP_KEEPIDLE'), ...Array(most - 1).fill(asked('TCP_KEEPINTVL'))],
              [connection.handshake.at(-1), ...probes],
            ),
            equal('sequence numbers, one below the next', [0], [...new Set(probes.map(({ seq }) => seq))], probes),
            returns('read()', 'ETIMEDOUT', connection.calls('client', 'read').at(-1)),
            endState(connection, 'client', 'CLOSED'),
          ];
        },
      },
      'Since Go 1.23 SetKeepAlivePeriod(d) sets the idle time alone, and Go sets interval and count when it connects.',
    ),
  },
});
