// A data segment of an old connection turns up when its four-tuple is in TIME-WAIT, or in use again. Is it TIME-WAIT that keeps it out?
import {
  all,
  experiment,
  finding,
  type Host,
  holds,
  type NodeProcess,
  type View,
  type WireControl,
  type WireSegment,
} from '#finwait';

const port = 50000;
const old = 'old data';

export default experiment({
  title: 'An old duplicate meets a new connection',
  article: 'establish-and-release',

  async run({ client, server, wire, stage, observe }) {
    const app = await server.node();
    await app.listen(port);
    const browser = await client.node();
    const lab = { browser, server, wire };

    const timestamps = async (on: 0 | 1) => {
      for (const host of [client, server]) await host.sysctl('net.ipv4.tcp_timestamps', on);
    };

    await timestamps(0);
    let late = await transfer(lab, 40001);
    await stage('in TIME-WAIT, no timestamps', async () => {
      await wire.replay(late);
      await browser.connect(server, port, { localPort: 40001 }); // the same pair, too early
    });
    await timestamps(1);
    late = await transfer(lab, 40002);
    await stage('in TIME-WAIT, the client binds the old port', async () => {
      await browser.connect(server, port, { localPort: 40002 });
      await wire.replay(late);
    });
    await client.sysctl('net.ipv4.ip_local_port_range', '40003 40003'); // the kernel has one port to choose from
    late = await transfer(lab, 40003, {});
    await stage('in TIME-WAIT, the kernel chooses the port', () => browser.connect(server, port).then(() => {}));
    await stage('in TIME-WAIT, the kernel chooses the port, tcp_tw_reuse 1', async () => {
      await client.sysctl('net.ipv4.tcp_tw_reuse', 1);
      await observe(1200); // tcp_tw_reuse_delay: one second in TIME-WAIT
      await browser.connect(server, port);
      await wire.replay(late);
    });

    await client.sysctl('net.ipv4.tcp_max_tw_buckets', 0); // from here on there is no TIME-WAIT
    late = await transfer(lab, 40004);
    await stage('no TIME-WAIT', async () => {
      await browser.connect(server, port, { localPort: 40004 });
      await wire.replay(late);
    });
    await stage('no TIME-WAIT, the old number fits the new window', async () => {
      // Sequence numbers come round: the old segment, timestamp and all, where it lies in the window.
      await wire.inject({
        from: 'client',
        flags: 'P.',
        seq: 1,
        ack: 1,
        sourcePort: 40004,
        payload: old,
        options: { timestamps: late.options.timestamps },
      });
    });

    await timestamps(0);
    late = await transfer(lab, 40005);
    await stage('no TIME-WAIT, no timestamps', async () => {
      await browser.connect(server, port, { localPort: 40005 });
      await wire.replay(late);
    });
    await stage('no TIME-WAIT, no timestamps, the old number fits the new window', async () => {
      await wire.inject({ from: 'client', flags: 'P.', seq: 1, ack: 1, sourcePort: 40005, payload: old });
    });
  },

  findings: {
    D6: finding(
      'TIME-WAIT keeps segments of an old connection out of a new one on the same address pair',
      {
        'no timestamps: no new connection while TIME-WAIT lasts': (run) => {
          const stage = 'in TIME-WAIT, no timestamps';
          return all(keptFree(run, stage), accepted(run, stage, false));
        },
        'timestamps, and the client binds the old port: no new connection while TIME-WAIT lasts': (run) =>
          keptFree(run, 'in TIME-WAIT, the client binds the old port'),
        'timestamps, and the kernel chooses the port: no new connection while TIME-WAIT lasts': (run) =>
          keptFree(run, 'in TIME-WAIT, the kernel chooses the port'),
        'the same with tcp_tw_reuse 1, a second later': (run) =>
          keptFree(run, 'in TIME-WAIT, the kernel chooses the port, tcp_tw_reuse 1'),
        'without TIME-WAIT the old segment gets in': (run) => accepted(run, 'no TIME-WAIT', true),
        'without TIME-WAIT and timestamps the old segment gets in': (run) =>
          accepted(run, 'no TIME-WAIT, no timestamps', true),
        'the same, its number in the window: timestamps on': (run) =>
          accepted(run, 'no TIME-WAIT, the old number fits the new window', true),
        'the same, its number in the window: timestamps off': (run) =>
          accepted(run, 'no TIME-WAIT, no timestamps, the old number fits the new window', true),
      },
      'With timestamps a connect may take a pair out of TIME-WAIT: at once from a port the program has bound, after tcp_tw_reuse_delay with tcp_tw_reuse ' +
        '(tcp_twsk_unique() in net/ipv4/tcp_ipv4.c). What then keeps old segments out are timestamps (PAWS, RFC 7323, section 5; tcp_validate_incoming()) ' +
        'and initial sequence numbers that move ahead (RFC 6528). TIME-WAIT is the last guard only with timestamps off and an old number in the new window.',
    ),
  },
});

type Lab = { browser: NodeProcess; server: Host; wire: WireControl };

/** A whole connection from `localPort`, closed by the client first; resolves to its data segment. */
const transfer = async (
  { browser, server, wire }: Lab,
  localPort: number,
  options: { localPort?: number } = { localPort },
): Promise<WireSegment> => {
  const socket = await browser.connect(server, port, options);
  await socket.write(old);
  await socket.end();
  await socket.event('close');
  const [data] = wire.seen(({ sourcePort, length }) => sourcePort === localPort && length > 0);
  if (!data) throw new Error(`nothing was sent from port ${localPort}`);
  return data;
};

/** The pair is in TIME-WAIT, and a connect on it fails without a SYN. What the wire delivers late then is kept out. */
const keptFree = (run: View, stage: string) => {
  const view = run.during(stage);
  const [waiting] = view.client.rows(({ state }) => state === 'TIME-WAIT');
  if (!waiting) throw new Error(`no socket was in TIME-WAIT in '${stage}'`);
  const syns = view.segments({ flags: 'S' });
  const errors = view.client.emits('error');
  const late = view.segments().find(({ origin }) => origin === 'replay');
  const read = view.server.emits('data').filter(({ at }) => at > (late?.at ?? Number.POSITIVE_INFINITY));
  const then = late && syns.length > 0 ? `; the old segment is ${read.length > 0 ? 'read' : 'kept out'}` : '';
  return holds(
    'connect(): EADDRNOTAVAIL, no SYN',
    `connect(): ${errors.map(({ code }) => code).join() || 'success'}, ${syns.length > 0 ? 'a new connection out of TIME-WAIT' : 'no SYN'}${then}`,
    syns.length === 0 && errors.some(({ code }) => code === 'EADDRNOTAVAIL'),
    [waiting, ...syns, ...errors, late],
  );
};

/** Whether the segment the wire delivered late is acknowledged and read by the server's application. */
const accepted = (run: View, stage: string, expected: boolean) => {
  const view = run.during(stage);
  const late = view.segments({ from: 'client' }).find(({ origin }) => origin === 'replay' || origin === 'inject');
  if (!late) throw new Error(`the wire delivered no old segment in '${stage}'`);
  const answer = view
    .segments({ from: 'server' })
    .find(({ at }) => at >= (late.receivedAt ?? Number.POSITIVE_INFINITY));
  const read = view.server.emits('data');
  const words = (is: boolean) => (is ? 'read by the application of the new connection' : 'kept out');
  const isRead = read.some(({ text }) => text === old);
  return holds(
    `the old segment: ${words(expected)}`,
    `the old segment (${late.text}): ${words(isRead)}; the answer: ${answer?.text ?? 'none'}`,
    isRead === expected,
    [late, answer, ...read],
  );
};
