// A data segment of an old connection turns up when its four-tuple is in TIME-WAIT, or in use again. Is it TIME-WAIT
// that keeps it out?
import {
  all,
  answerTo,
  carries,
  contrast,
  experiment,
  finding,
  holds,
  limit,
  type View,
  type WireSegment,
} from '#finwait';

const port = 50000;
const old = 'old data';

export default experiment({
  title: 'An old duplicate meets a new connection',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage, observe }) {
    const app = await server.node();
    await app.listen(port);
    const browser = await client.node();
    const connect = (localPort?: number) => browser.connect(server, port, localPort ? { localPort } : {});
    /** A whole connection, closed by the client first; resolves to its data segment. */
    const transfer = async (localPort: number, { bind = true } = {}) => {
      const socket = await connect(bind ? localPort : undefined);
      await socket.write(old);
      await socket.end();
      await socket.event('close');
      const [data] = wire.seen(({ sourcePort, length }) => sourcePort === localPort && length > 0);
      if (!data) throw new Error(`nothing was sent from port ${localPort}`);
      return data;
    };
    /** A new connection on the pair, and then the old segment. */
    const meet = async (localPort: number, late: WireSegment) => {
      await connect(localPort);
      await wire.replay(late);
    };
    const timestamps = async (on: 0 | 1) => {
      for (const host of [client, server]) await host.sysctl('net.ipv4.tcp_timestamps', on);
    };
    const fitting = { from: 'client', flags: 'P.', seq: 1, ack: 1, payload: old } as const;

    await timestamps(0);
    let late = await transfer(40001);
    await stage('in TIME-WAIT, no timestamps', async () => {
      await wire.replay(late);
      await connect(40001); // the same pair, too early
    });
    await timestamps(1);
    late = await transfer(40002);
    await stage('in TIME-WAIT, the client binds the old port', () => meet(40002, late));
    await client.sysctl('net.ipv4.ip_local_port_range', '40003 40003'); // the kernel has one port to choose from
    late = await transfer(40003, { bind: false });
    await stage('in TIME-WAIT, the kernel chooses the port', async () => {
      await connect();
    });
    await stage('in TIME-WAIT, the kernel chooses the port, tcp_tw_reuse 1', async () => {
      await client.sysctl('net.ipv4.tcp_tw_reuse', 1);
      await observe(1200); // tcp_tw_reuse_delay: one second in TIME-WAIT
      await connect();
      await wire.replay(late);
    });

    await client.sysctl('net.ipv4.tcp_max_tw_buckets', 0); // from here on there is no TIME-WAIT
    late = await transfer(40004);
    await stage('no TIME-WAIT', () => meet(40004, late));
    // Sequence numbers come round: the old segment, timestamp and all, where it lies in the window.
    await stage('no TIME-WAIT, the old number fits the new window', async () => {
      await wire.inject({ ...fitting, sourcePort: 40004, options: { timestamps: late.options.timestamps } });
    });
    await timestamps(0);
    late = await transfer(40005);
    await stage('no TIME-WAIT, no timestamps', () => meet(40005, late));
    await stage('no TIME-WAIT, no timestamps, the old number fits the new window', async () => {
      await wire.inject({ ...fitting, sourcePort: 40005 });
    });
  },

  findings: {
    D6: finding(
      'TIME-WAIT keeps segments of an old connection out of a new one on the same address pair',
      {
        'when the kernel chooses the port': (run) => keptFree(run.during('in TIME-WAIT, the kernel chooses the port')),
        'when the client binds the old port': (run) =>
          keptFree(run.during('in TIME-WAIT, the client binds the old port')),
        'without timestamps': limit((run) => {
          const view = run.during('in TIME-WAIT, no timestamps');
          return all(keptFree(view), oldSegment(view, 'kept out'));
        }, 'they are on unless somebody switches them off'),
        'with tcp_tw_reuse 1': limit(
          (run) => keptFree(run.during('in TIME-WAIT, the kernel chooses the port, tcp_tw_reuse 1')),
          'the article changes no setting',
        ),
        'without TIME-WAIT timestamps keep the old segment out': contrast((run) =>
          oldSegment(run.during('no TIME-WAIT'), 'kept out'),
        ),
        'without TIME-WAIT and timestamps the new sequence numbers keep it out': contrast((run) =>
          oldSegment(run.during('no TIME-WAIT, no timestamps'), 'kept out'),
        ),
        'without TIME-WAIT timestamps keep it out even when its number fits the new window': contrast((run) =>
          oldSegment(run.during('no TIME-WAIT, the old number fits the new window'), 'kept out'),
        ),
        'without TIME-WAIT and timestamps it gets in when its number fits the new window': contrast((run) =>
          oldSegment(run.during('no TIME-WAIT, no timestamps, the old number fits the new window'), 'read'),
        ),
      },
      'With timestamps a connect may take a pair out of TIME-WAIT: at once from a port the program has bound, after tcp_tw_reuse_delay with tcp_tw_reuse ' +
        '(tcp_twsk_unique() in net/ipv4/tcp_ipv4.c). What then keeps old segments out are timestamps (PAWS, RFC 7323, section 5; tcp_validate_incoming()) ' +
        'and initial sequence numbers that move ahead (RFC 6528). TIME-WAIT is the last guard only with timestamps off and an old number in the new window.',
    ),
  },
});

/** The segment the wire delivered late, the server's answer, and whether its application has read it. */
const lateIn = (view: View) => {
  const late = view.segments({ from: 'client' }).find(({ origin }) => origin === 'replay' || origin === 'inject');
  const read = view.server.reads().filter(({ text }) => text === old);
  const answer = answerTo(late, view.segments());
  // A segment that cannot be accepted is answered (RFC 9293, section 3.10.7.4): without an answer nobody knows whether
  // it was looked at.
  return { late, answer, read, fate: read.length > 0 ? 'read' : answer ? 'kept out' : 'not answered' };
};

/** The pair is in TIME-WAIT, and a connect on it fails without a SYN. What the wire delivers late then is kept out. */
const keptFree = (view: View) => {
  const [waiting] = view.client.rows({ state: 'TIME-WAIT' });
  if (!waiting) throw new Error('no socket was in TIME-WAIT');
  const syns = view.segments().filter(carries('SYN'));
  const errors = view.client.emits('error');
  const { late, fate } = lateIn(view);
  const outcome = syns.length > 0 ? `a new connection${late ? `; the old segment is ${fate}` : ''}` : 'no SYN';
  return holds(
    'connect(): EADDRNOTAVAIL, no SYN',
    `connect(): ${errors.map(({ code }) => code).join() || 'success'}, ${outcome}`,
    syns.length === 0 && errors.some(({ code }) => code === 'EADDRNOTAVAIL'),
    [waiting, ...syns, ...errors, late],
  );
};

/** What becomes of the segment the wire delivers late. */
const oldSegment = (view: View, expected: 'read' | 'kept out') => {
  const { late, answer, read, fate } = lateIn(view);
  if (!late) throw new Error('the wire delivered no old segment');
  return holds(
    `the old segment: ${expected}`,
    `the old segment (${late.text}): ${fate}; the answer: ${answer?.text ?? 'none'}`,
    fate === expected,
    [late, answer, ...read],
  );
};
