// A program need not wait for an answer to its SYN as long as the kernel would. Ways to set a connect timeout of its own,
// tried at once over a cut wire beside an attempt that sets none: which error after how long, and does the kernel stop?
import { contrast, elapsed, endState, equal, experiment, finding, lasts, limit, type View, within } from '#finwait';

const documented = 'tcp(7) documents it for data that is not acknowledged, not for a SYN';

export default experiment({
  title: 'Connect timeouts a program sets itself',
  article: 'tcpdump-observation',

  async run({ client, server, wire }) {
    await wire.cut();
    const browser = await client.node();
    await browser.connect(server, 50000); // none
    const idle = await browser.connect(server, 50001, { timeout: 1500 });
    const impatient = await browser.connect(server, 50002, { timeout: 1500 });
    await impatient.react({ on: 'timeout', do: 'destroy' });
    const aborted = await browser.connect(server, 50003, { abortAfterMs: 1500 });
    const app = await client.raw();
    const connect = async (port: number, option: string, value: number) => {
      const socket = (await app.socket()).value;
      await app.setsockopt(socket, 'IPPROTO_TCP', option, value);
      return app.start.connect(socket, server, port);
    };
    const blocked = [
      await connect(50004, 'TCP_USER_TIMEOUT', 1500), // milliseconds
      await connect(50005, 'TCP_USER_TIMEOUT', 500),
      await connect(50006, 'TCP_SYNCNT', 1), // retransmissions
    ];
    await Promise.all([
      ...[idle.event('timeout'), impatient.event('close'), aborted.event('close')],
      ...[50004, 50005, 50006].map((peerPort) => client.untilGone({ peerPort })), // looks closely when a timer is due
    ]);
    for (const { returned } of blocked) await returned;
    await wire.next(({ destinationPort }) => destinationPort === 50000); // which sets none: the kernel still asks
  },

  findings: {
    E7: finding(
      'A program can set its own connect timeout',
      {
        "by Node's timeout and a destroy() when it fires": (run) => byNode(run, 50002, 'timeout', 'none'),
        'by an AbortSignal': (run) => byNode(run, 50003, 'error', 'ABORT_ERR'),
        'by TCP_SYNCNT': (run) => byKernel(run, 50006, 3000),
        "by Node's timeout alone": limit(
          (run) => byNode(run, 50001, 'timeout', 'none'),
          'that there is a way is the statement; this one is not documented to be one',
        ),
        'by a TCP_USER_TIMEOUT of 1.5 s': limit((run) => byKernel(run, 50004, 1500), documented),
        'by a TCP_USER_TIMEOUT of 0.5 s': limit((run) => byKernel(run, 50005, 500), documented),
        'without any of them the kernel goes on': contrast((run) =>
          endState(run.connectionTo(50000), 'client', 'SYN-SENT'),
        ),
      },
      "Node's 'timeout' only tells, the socket must be destroyed (documentation of net, socket.setTimeout()). The kernel looks at TCP_USER_TIMEOUT only when its retransmission timer fires, the first time after 1 s; TCP_SYNCNT n allows no retransmission once 2^(n+1) - 1 s are over (tcp_write_timeout(), net/ipv4/tcp_timer.c).",
    ),
  },
});

/** Node says so 1.5 s after it was asked to connect, or as soon as its event loop lets it, and the kernel has given up. */
const byNode = (run: View, port: number, name: 'timeout' | 'error', code: string) => {
  const connection = run.connectionTo(port);
  const [event] = connection.emits('client', name);
  const [call] = connection.calls('client', 'connect');
  return [
    within(`'${name}' after`, [1480, 2480], elapsed(call, event), 'ms', [call, event]),
    equal('error', code, connection.emits('client', 'error')[0]?.code ?? 'none', [event]),
    endState(connection, 'client', 'CLOSED'),
  ];
};

/** connect(2) fails with ETIMEDOUT, and the socket is CLOSED when the time is over: the call may be told a little later. */
const byKernel = (run: View, port: number, milliseconds: number) => {
  const connection = run.connectionTo(port);
  const call = run.client.calls('connect').find(({ args }) => args[1] === port);
  return [
    equal('connect()', 'ETIMEDOUT', call?.returned?.errno, [call]),
    lasts(connection, 'client', 'SYN-SENT', milliseconds),
    endState(connection, 'client', 'CLOSED'),
  ];
};
