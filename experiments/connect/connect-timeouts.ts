// A program need not wait for an answer to its SYN as long as the kernel would. Four ways to set a connect timeout of
// its own, tried at once over a cut wire beside an attempt that sets none: which error comes after how long, and does
// the kernel stop sending?
import {
  all,
  contrast,
  elapsed,
  endState,
  equal,
  experiment,
  finding,
  kernelTime,
  limit,
  returns,
  type View,
  within,
} from '#finwait';

export default experiment({
  title: 'Connect timeouts a program sets itself',
  article: 'tcpdump-observation',

  async run({ client, server, wire }) {
    await wire.cut();
    const browser = await client.node();
    const app = await client.raw();

    await browser.connect(server, 50000);
    const idle = await browser.connect(server, 50001, { timeout: 1500 });
    const impatient = await browser.connect(server, 50002, { timeout: 1500 });
    await impatient.react({ on: 'timeout', do: 'destroy' });
    const aborted = await browser.connect(server, 50003, { abortAfterMs: 1500 });

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
      idle.event('timeout'),
      impatient.event('close'),
      aborted.event('close'),
      ...blocked.map(({ returned }) => returned),
    ]);
    await wire.quiet();
  },

  findings: {
    E7: finding(
      'A program can set its own connect timeout',
      {
        "by Node's timeout and a destroy() when it fires": (run) =>
          all(emitted(run, 50002, 'timeout', 'none'), ended(run, 50002)),
        'by an AbortSignal': (run) => all(emitted(run, 50003, 'error', 'ABORT_ERR'), ended(run, 50003)),
        'by TCP_SYNCNT': (run) => all(returned(run, 50006, 3000), ended(run, 50006)),
        "by Node's timeout alone": limit(
          (run) => all(emitted(run, 50001, 'timeout', 'none'), ended(run, 50001)),
          'that there is a way is the statement; this one is not documented to be one',
        ),
        'by a TCP_USER_TIMEOUT of 1.5 s': limit(
          (run) => all(returned(run, 50004, 1500), ended(run, 50004)),
          'tcp(7) documents it for data that is not acknowledged, not for a SYN',
        ),
        'by a TCP_USER_TIMEOUT of 0.5 s': limit(
          (run) => all(returned(run, 50005, 500), ended(run, 50005)),
          'tcp(7) documents it for data that is not acknowledged, not for a SYN',
        ),
        'without any of them the kernel goes on': contrast((run) =>
          endState(run.connectionTo(50000), 'client', 'SYN-SENT'),
        ),
      },
      "Node's 'timeout' only tells, the socket must be destroyed (documentation of net, socket.setTimeout()). The kernel looks at TCP_USER_TIMEOUT only when its retransmission timer fires, the first time after 1 s; TCP_SYNCNT n allows no retransmission once 2^(n+1) - 1 s are over (tcp_write_timeout(), net/ipv4/tcp_timer.c).",
    ),
  },
});

/** What Node says 1.5 s after it was asked to connect. Its timers wait for its event loop, so it may be later than a kernel's. */
const emitted = (run: View, port: number, name: string, code: string) => {
  const connection = run.connectionTo(port);
  const [event] = connection.emits('client', name);
  const [error] = connection.emits('client', 'error');
  const [call] = connection.calls('client', 'connect');
  return all(
    within(`'${name}' after`, [1480, 2480], elapsed(call, event), 'ms', [call, event]),
    equal('error', code, error?.code ?? 'none', [event, error]),
  );
};

/** connect(2) fails with ETIMEDOUT when the time is over; the thread that waited may tell it a little later. */
const returned = (run: View, port: number, milliseconds: number) => {
  const [syn] = run.connectionTo(port).segments;
  const call = run.client.calls('connect').find(({ args }) => args[1] === port);
  const [low, high] = kernelTime(milliseconds);
  return all(
    returns('connect()', 'ETIMEDOUT', call),
    within('after', [low, high + 250], elapsed(syn, call?.returned), 'ms', [call]),
  );
};

/** The kernel has given the attempt up as well. */
const ended = (run: View, port: number) => endState(run.connectionTo(port), 'client', 'CLOSED');
