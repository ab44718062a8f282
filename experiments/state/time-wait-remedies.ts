// TIME-WAIT sockets have piled up. Is the remedy to shorten TIME-WAIT? Three settings that are said to do it.
import { contrast, count, equal, experiment, finding, none, sockets, within } from '#finwait';

const port = 50000;
const few = 6; // even: of an odd number of ports the kernel does not always find the last (__inet_hash_connect())
const ports = Array.from({ length: 10 }, (_, index) => 41001 + index);
const others = ports.slice(0, few).map((one) => one + 2000);

export default experiment({
  title: 'Remedies against TIME-WAIT sockets',
  article: 'establish-and-release',
  freeRun: true,

  async run({ client, server, stage, observe }) {
    const app = await server.node();
    await (await app.listen(port)).react({ on: 'connection', do: 'end' }); // closes first
    await app.listen(port + 1); // lets the client close first
    const browser = await client.node();
    const comeAndGo = async (from: number[]) => {
      for (const localPort of from) await (await browser.connect(server, port, { localPort })).event('close');
    };

    await comeAndGo(ports);
    await stage('tcp_fin_timeout 5', async () => {
      await server.sysctl('net.ipv4.tcp_fin_timeout', 5);
      await comeAndGo([42000]);
    });
    await stage('tcp_max_tw_buckets reached', async () => {
      await server.sysctl('net.ipv4.tcp_max_tw_buckets', ports.length + 1); // as many as there are now
      await comeAndGo(others);
    });

    await client.sysctl('net.ipv4.ip_local_port_range', `40001 ${40000 + few}`);
    for (let made = 0; made < few; made++) await (await browser.connect(server, port + 1)).end();
    await stage('tcp_tw_reuse 1', async () => {
      await client.sysctl('net.ipv4.tcp_tw_reuse', 1);
      await observe(1200); // a port is taken again once it was in TIME-WAIT for a second (tcp_tw_reuse_delay)
      await browser.connect(server, port + 1);
    });
  },

  furtherCases: { D10: ['time-wait-settings'] },
  findings: {
    D10: finding(
      'The remedy against TIME-WAIT sockets is to shorten TIME-WAIT',
      {
        'with tcp_fin_timeout 5': (run) => {
          const { id, rows } = run.during('tcp_fin_timeout 5').server.last({ state: 'TIME-WAIT', peerPort: 42000 });
          return within('TIME-WAIT still to go', [0, 5000], rows[0]?.timer?.expiresMs ?? Number.NaN, 'ms', [{ id }]);
        },
        'connections closed beyond tcp_max_tw_buckets have no TIME-WAIT at all': contrast((run) => {
          const { connections, server } = run.during('tcp_max_tw_buckets reached');
          const { id, rows } = server.last({ state: 'TIME-WAIT' });
          const late = rows.filter(({ peer }) => others.includes(peer.port));
          return [
            equal('connections', few, connections.length, [{ id }]),
            none('in TIME-WAIT of them', late, [{ id }]),
          ];
        }),
        'tcp_tw_reuse 1 lets a connect take a port that is still in TIME-WAIT': contrast((run) => {
          const view = run.during('tcp_tw_reuse 1');
          const [syn] = view.segments({ from: 'client', flags: 'S' });
          const [connect] = view.client.calls('connect');
          const before = view.between(undefined, connect).client;
          return [
            sockets(before, { state: 'TIME-WAIT', localPort: syn?.source.port ?? 0 }, 1),
            count('connections', 1, view.client.emits('connect')),
          ];
        }),
      },
      'TIME-WAIT is TCP_TIMEWAIT_LEN, 60 seconds, compiled in; tcp_fin_timeout is for FIN-WAIT-2. tcp_max_tw_buckets does away with TIME-WAIT beyond a ' +
        'number of sockets; tcp_tw_reuse lets a connect take a port in TIME-WAIT after tcp_tw_reuse_delay (one second), guarded by timestamps (tcp_twsk_unique()).',
    ),
  },
});
