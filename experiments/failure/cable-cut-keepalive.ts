// The cable is pulled while the connection is idle and keepalive is on: probes, their number, the end. And who sets which of its times?
import { all, equal, experiment, finding, holds, kernelTime, type NodeSocket, type View, within } from '#finwait';

const ports = { kernel: 50000, likeGo: 50001, node: 50002, plain: 50003 };
const options = ['SO_KEEPALIVE', 'TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT'] as const;
const defaults = ['tcp_keepalive_time', 'tcp_keepalive_intvl', 'tcp_keepalive_probes'];

export default experiment({
  title: 'The cable is pulled while the connection is idle, keepalive on',
  article: 'disconnect-experiments',
  longestWaitSeconds: 10,

  async run({ client, server, wire, stage, pace }) {
    const app = await server.node();
    const browser = await client.node();
    const open = async (port: number) => {
      await app.listen(port);
      return browser.connect(server, port);
    };
    const ask = async (socket: NodeSocket) => {
      for (const option of options)
        await socket.getsockopt(option === 'SO_KEEPALIVE' ? 'SOL_SOCKET' : 'IPPROTO_TCP', option);
    };
    const idle = pace === 'article' ? 5 : 2; // seconds; the article's own test has 5

    await stage('nothing is set', async () => ask(await open(ports.plain)));
    const byNode = await open(ports.node);
    await stage("Node's setKeepAlive(true, d)", async () => {
      await byNode.setKeepAlive(true, idle * 1000);
      await ask(byNode);
    });
    const likeGo = await open(ports.likeGo);
    await stage("as Go's SetKeepAlivePeriod(d) does it", async () => {
      await likeGo.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
      await likeGo.setsockopt('IPPROTO_TCP', 'TCP_KEEPINTVL', idle);
      await likeGo.setsockopt('IPPROTO_TCP', 'TCP_KEEPIDLE', idle);
      await ask(likeGo);
    });
    const byKernel = await open(ports.kernel);
    await stage("only SO_KEEPALIVE, the kernel's defaults", async () => {
      for (const name of defaults) await client.sysctl(`net.ipv4.${name}`);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
      await ask(byKernel);
    });

    await stage('cut', async () => {
      await wire.cut();
      // The kernel's numbers are read from the sysctls when they are needed: smaller ones now apply to the sockets that set none.
      for (const [index, value] of [idle, 1, pace === 'article' ? 9 : 3].entries())
        await client.sysctl(`net.ipv4.${defaults[index]}`, value);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 0);
      await byKernel.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1); // arms the timer anew
      for (const socket of [byKernel, byNode, likeGo]) await socket.event('close', { timeoutMs: 90_000 });
    });
  },

  findings: {
    C5: finding(
      'Keepalive probes go out after keepalive_time, then every keepalive_intvl, keepalive_probes of them; then the connection is CLOSED. The defaults take over two hours',
      {
        'only SO_KEEPALIVE, small sysctls': (run) => probes(run, 'kernel', sysctls(run.during('cut'))),
        "idle and interval set on the socket as Go's helper does, the count left to the sysctl": (run) =>
          probes(run, 'likeGo', {
            ...asked(run, "as Go's SetKeepAlivePeriod(d) does it"),
            count: sysctls(run.during('cut')).count,
          }),
        "Node's setKeepAlive(true, d): the sysctls decide all but the idle time": (run) =>
          probes(run, 'node', {
            ...sysctls(run.during("only SO_KEEPALIVE, the kernel's defaults")),
            idle: asked(run, "Node's setKeepAlive(true, d)").idle,
          }),
        "the kernel's defaults": (run) => {
          const view = run.during("only SO_KEEPALIVE, the kernel's defaults");
          const { idle, interval, count, calls } = sysctls(view);
          const armed = view.client
            .rows(({ peer, timer }) => peer.port === ports.kernel && timer?.name === 'keepalive')
            .at(0);
          const total = (idle + interval * count) / 60;
          return all(
            within(
              'keepalive timer after SO_KEEPALIVE',
              [idle - 61, idle],
              (armed?.row.timer?.expiresMs ?? Number.NaN) / 1000,
              's',
              [armed],
            ),
            holds(
              'over two hours to the end',
              `${idle} s + ${count} × ${interval} s = ${Math.round(total)} min`,
              total > 120,
              calls,
            ),
          );
        },
      },
      'When the probes have run out Linux also sends a RST, which the cut cable swallows (tcp_keepalive_timer() in net/ipv4/tcp_timer.c).',
    ),
    C8: finding(
      "Keepalive is off unless asked for, and the language's helper (Go's) sets interval and idle time together but not the count",
      {
        'a socket nobody has asked for keepalive': (run) => {
          const view = run.during('nothing is set');
          const asking = view.client.calls('getsockopt');
          const row = view.connection().row('client');
          return all(
            equal('SO_KEEPALIVE', 0, asking[0]?.returned?.value, asking.slice(0, 1)),
            equal('timer', 'none', row.row.timer?.name ?? 'none', [row]),
          );
        },
        "idle and interval set as Go's helper sets them": (run) => helper(run, "as Go's SetKeepAlivePeriod(d) does it"),
        "Node's helper, setKeepAlive(true, d)": (run) => helper(run, "Node's setKeepAlive(true, d)"),
      },
      "Node's setKeepAlive(true, d) sets d as the idle time, an interval of 1 s and 10 probes (documentation of socket.setKeepAlive, since 12.17 and 13.12).",
    ),
  },
});

type Times = { idle: number; interval: number; count: number };

/** What a stage read from the sysctls, or set them to. */
const sysctls = (view: View): Times & { calls: ReturnType<View['calls']> } => {
  const calls = view.client.calls('sysctl');
  const values = calls.map(({ returned }) => Number((returned?.value as { after: string } | undefined)?.after));
  const [idle, interval, count] = values as [number, number, number];
  return { idle, interval, count, calls };
};

/** What getsockopt() gave at the end of a stage. */
const asked = (run: View, stage: string): Times & { calls: ReturnType<View['calls']> } => {
  const calls = run.during(stage).client.calls('getsockopt');
  const values = calls.map(({ returned }) => Number(returned?.value));
  const [, idle, interval, count] = values as [number, number, number, number];
  return { idle, interval, count, calls };
};

/** The probes of a connection on the cut wire: seq one below, the first after `idle`, then every `interval`, `count` of them, then CLOSED. */
const probes = (run: View, name: keyof typeof ports, { idle, interval, count }: Times) => {
  const connection = run.connectionTo(ports[name]);
  const sent = connection.segments.filter(({ role, fate }) => role === 'keepalive-probe' && fate === 'dropped');
  const lastHeard = connection.segments.findLast(({ fate, at }) => fate === 'delivered' && at < (sent[0]?.at ?? 0));
  const armed = name === 'kernel' ? run.during('cut').client.calls('setsockopt').at(-1) : lastHeard;
  const gaps = sent.map(({ at }, index) => (at - (sent[index - 1]?.at ?? armed?.at ?? Number.NaN)) / 1e6);
  const fits = gaps.every((gap, index) => {
    const [low, high] = kernelTime((index === 0 ? idle : interval) * 1000);
    return gap >= low && gap <= high;
  });
  const errors = connection.emits('client', 'error');
  const end = connection.state('client');
  return all(
    holds(
      `${count} probes: the first after ${idle} s, then every ${interval} s`,
      `${sent.length} probes after ${gaps.map((gap) => (gap / 1000).toFixed(2)).join(', ')} s`,
      fits && sent.length === count,
      [armed, ...sent],
    ),
    equal('their sequence number (the next is 1)', '0', [...new Set(sent.map(({ seq }) => seq))].join(), sent),
    equal('error', 'ETIMEDOUT', errors.map(({ code }) => code).join(), errors),
    equal('state', 'CLOSED', end.state, [end]),
  );
};

/** Sets idle time and interval to the same, and leaves the count alone. */
const helper = (run: View, stage: string) => {
  const { idle, interval, count, calls } = asked(run, stage);
  const before = asked(run, 'nothing is set');
  const expected = { idle, interval: idle, count: before.count };
  return equal('seconds idle, seconds between, probes', expected, { idle, interval, count }, [
    ...before.calls.slice(1),
    ...calls.slice(1),
  ]);
};
