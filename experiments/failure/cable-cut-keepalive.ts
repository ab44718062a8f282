// The cable is pulled while the connection is idle and keepalive is on: a probe after the idle time, then one after each
// interval, so many; then the connection is CLOSED. `keepalive-defaults` has the kernel's own times.
import { connected, endState, equal, experiment, failsWith, finding, limit, type View, waits } from '#finwait';

const sysctls = ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];
const defaults = "only SO_KEEPALIVE, the kernel's defaults";

export default experiment({
  title: 'The cable is pulled while the connection is idle, keepalive on',
  article: 'disconnect-experiments',
  longestWaitSeconds: 10,

  async run({ client, server, wire, stage, pace }) {
    const [idle, most] = pace === 'article' ? [5, 9] : [2, 3]; // seconds, probes; the article's own test has 5 s
    const { socket: byKernel } = await connected(client, server, 50000);
    await stage(defaults, async () => {
      for (const name of sysctls) await client.sysctl(name);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
    });
    const { socket: byNode } = await connected(client, server, 50001);
    await byNode.setKeepAlive(true, idle * 1000);
    const { socket: likeGo } = await connected(client, server, 50002); // as Go's SetKeepAlivePeriod(d) does it
    await likeGo.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
    await likeGo.setsockopt('IPPROTO_TCP', 'TCP_KEEPINTVL', idle);
    await likeGo.setsockopt('IPPROTO_TCP', 'TCP_KEEPIDLE', idle);

    await stage('cut', async () => {
      await wire.cut();
      // The kernel reads the sysctls when it needs them: smaller ones now apply to the sockets that set none.
      for (const [index, value] of [idle, 1, most].entries()) await client.sysctl(sysctls[index] as string, value);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 0);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1); // arms the timer anew
      for (const socket of [byKernel, byNode, likeGo]) await socket.event('close', { timeoutMs: 90_000 });
    });
  },

  furtherCases: { C5: ['cable-cut-keepalive-go', 'keepalive-defaults'] },
  findings: {
    C5: finding(
      'Keepalive probes go out after keepalive_time, then every keepalive_intvl, keepalive_probes of them; then the connection is CLOSED. The defaults take over two hours',
      {
        'with SO_KEEPALIVE alone and small sysctls': (run) => probed(run, 50000, settings(run)),
        "with idle time and interval set on the socket as Go's helper does, the count left to the sysctl": (run) => {
          const [idle, , most] = settings(run);
          return probed(run, 50002, [idle, idle, most]);
        },
        "with Node's setKeepAlive(true, d), which sets interval and count of its own": limit((run) => {
          const [, interval, most] = settings(run, defaults);
          return probed(run, 50001, [settings(run)[0], interval, most]);
        }, 'the article uses Go'),
      },
      'When the probes have run out Linux also sends a RST, which the cut cable swallows (tcp_keepalive_timer() in net/ipv4/tcp_timer.c).',
    ),
  },
});

/** Seconds before the first probe, seconds between probes, and how many. */
type Times = [idle: number, interval: number, probes: number];

const settings = (run: View, stage = 'cut') =>
  sysctls.map((name) => Number(run.during(stage).client.setting(name)?.value)) as Times;

/** The probes on the cut wire bear a sequence number one below, and follow each other at these times; then CLOSED. */
const probed = (run: View, port: number, [idle, interval, most]: Times) => {
  const connection = run.connectionTo(port);
  const probes = connection.during('cut').segments.filter(({ role }) => role === 'keepalive-probe');
  const armed = port === 50000 ? run.client.calls('setsockopt').at(-1) : connection.handshake.at(-1);
  return [
    waits(
      [idle, ...Array(most - 1).fill(interval)].map((seconds) => 1000 * seconds),
      [armed, ...probes],
    ),
    equal('their sequence numbers, one below the next', [0], [...new Set(probes.map(({ seq }) => seq))], probes),
    failsWith('ETIMEDOUT', connection.emits('client', 'error')),
    endState(connection, 'client', 'CLOSED'),
  ];
};
