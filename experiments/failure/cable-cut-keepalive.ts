// The cable is pulled while the connection is idle and keepalive is on: probes, their number, the end.
// `keepalive-options` shows who sets which of the times.
import {
  all,
  count,
  endState,
  equal,
  experiment,
  failsWith,
  finding,
  holds,
  limit,
  type NodeSocket,
  type View,
  waits,
  within,
} from '#finwait';

const ports = { kernel: 50000, likeGo: 50001, node: 50002 };
const sysctls = ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];
const kernel = "only SO_KEEPALIVE, the kernel's defaults";
const likeGo = "as Go's SetKeepAlivePeriod(d) does it";
const node = "Node's setKeepAlive(true, d)";

export default experiment({
  title: 'The cable is pulled while the connection is idle, keepalive on',
  article: 'disconnect-experiments',
  longestWaitSeconds: 10,

  async run({ client, server, wire, stage, pace }) {
    const app = await server.node();
    const browser = await client.node();
    const idle = pace === 'article' ? 5 : 2; // seconds; the article's own test has 5
    /** A connection on a port of its own; `set` asks for keepalive. */
    const open = async (port: number, name: string, set: (socket: NodeSocket) => Promise<void>) => {
      await app.listen(port);
      const socket = await browser.connect(server, port);
      await stage(name, async () => {
        await set(socket);
        for (const option of ['TCP_KEEPIDLE', 'TCP_KEEPINTVL']) await socket.getsockopt('IPPROTO_TCP', option);
      });
      return socket;
    };

    const byNode = await open(ports.node, node, (socket) => socket.setKeepAlive(true, idle * 1000));
    const byGo = await open(ports.likeGo, likeGo, async (socket) => {
      await socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
      await socket.setsockopt('IPPROTO_TCP', 'TCP_KEEPINTVL', idle);
      await socket.setsockopt('IPPROTO_TCP', 'TCP_KEEPIDLE', idle);
    });
    const byKernel = await open(ports.kernel, kernel, async (socket) => {
      for (const name of sysctls) await client.sysctl(name);
      await socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
    });

    await stage('cut', async () => {
      await wire.cut();
      // The kernel's numbers are read from the sysctls when they are needed: smaller ones now apply to the sockets that set none.
      const smaller = [idle, 1, pace === 'article' ? 9 : 3];
      for (const [index, name] of sysctls.entries()) await client.sysctl(name, smaller[index]);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 0);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1); // arms the timer anew
      for (const socket of [byKernel, byNode, byGo]) await socket.event('close', { timeoutMs: 90_000 });
    });
  },

  findings: {
    C5: finding(
      'Keepalive probes go out after keepalive_time, then every keepalive_intvl, keepalive_probes of them; then the connection is CLOSED. The defaults take over two hours',
      {
        'with SO_KEEPALIVE alone and small sysctls': (run) => probes(run, 'kernel', ofSysctls(run, 'cut')),
        "with idle time and interval set on the socket as Go's helper does, the count left to the sysctl": (run) =>
          probes(run, 'likeGo', { ...ofSysctls(run, 'cut'), ...ofSocket(run, likeGo) }),
        "with Node's setKeepAlive(true, d), which sets interval and count of its own": limit(
          (run) => probes(run, 'node', { ...ofSysctls(run, kernel), idle: ofSocket(run, node).idle }),
          'the article uses Go',
        ),
        "with the kernel's defaults, for the two hours": (run) => {
          const { idle, interval, probes, settings } = ofSysctls(run, kernel);
          const rows = run.during(kernel).client.rows({ peerPort: ports.kernel });
          const armed = rows.find(({ row }) => row.timer?.name === 'keepalive');
          const expires = (armed?.row.timer?.expiresMs ?? Number.NaN) / 1000;
          const minutes = Math.round((idle + interval * probes) / 60);
          const sum = `${idle} s + ${probes} × ${interval} s = ${minutes} min`;
          return all(
            within('keepalive timer after SO_KEEPALIVE', [idle - 61, idle], expires, 's', [armed]),
            holds('over two hours to the end', sum, minutes > 120, settings),
          );
        },
      },
      'When the probes have run out Linux also sends a RST, which the cut cable swallows (tcp_keepalive_timer() in net/ipv4/tcp_timer.c).',
    ),
  },
});

/** Seconds before the first probe, seconds between probes, and how many. */
type Times = { idle: number; interval: number; probes: number };

const ofSysctls = (run: View, stage: string) => {
  const settings = sysctls.map((name) => run.during(stage).client.setting(name));
  const [idle, interval, probes] = settings.map((setting) => Number(setting?.value)) as [number, number, number];
  return { idle, interval, probes, settings };
};

const ofSocket = (run: View, stage: string) => {
  const answers = run.during(stage).client.calls('getsockopt');
  const [idle, interval] = answers.map(({ returned }) => Number(returned?.value)) as [number, number];
  return { idle, interval };
};

/** The probes of a connection on the cut wire: seq one below, the first after `idle`, then every `interval`; then CLOSED. */
const probes = (run: View, name: keyof typeof ports, times: Times) => {
  const connection = run.connectionTo(ports[name]);
  const sent = connection.segments.filter(({ role, fate }) => role === 'keepalive-probe' && fate === 'dropped');
  const heard = connection.segments.findLast(({ fate, at }) => fate === 'delivered' && at < (sent[0]?.at ?? 0));
  const armed = name === 'kernel' ? run.during('cut').client.calls('setsockopt').at(-1) : heard;
  const milliseconds = sent.map((_, index) => 1000 * (index === 0 ? times.idle : times.interval));
  return all(
    count('probes', times.probes, sent),
    waits(milliseconds, [armed, ...sent]),
    equal('their sequence number (the next is 1)', '0', [...new Set(sent.map(({ seq }) => seq))].join(), sent),
    failsWith('ETIMEDOUT', connection.emits('client', 'error')),
    endState(connection, 'client', 'CLOSED'),
  );
};
