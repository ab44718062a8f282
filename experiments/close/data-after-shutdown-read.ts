// The client has shut down its receiving side when data comes. Is it thrown away, and does the peer never learn of it?
// Once after SHUT_RD alone, once after both directions were shut down.
import {
  answerTo,
  connectTo,
  contrast,
  equal,
  experiment,
  finding,
  hasRead,
  limit,
  none,
  type SegmentEvent,
  sent,
  type View,
} from '#finwait';

export default experiment({
  title: 'Data comes after the receiving side was shut down',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const caller = await client.raw();

    await stage('after SHUT_RD', async () => {
      const socket = await connectTo(caller, server, 50000);
      const accepted = await app.accepted();
      await caller.shutdown(socket, 'SHUT_RD');
      await caller.recv(socket, 100); // returns 0 although no FIN has come
      await accepted.write('sent in vain?');
      await caller.recv(socket, 100);
      await accepted.write('and once more');
    });

    await stage('after SHUT_RDWR', async () => {
      const socket = await connectTo(caller, server, 50000);
      const accepted = await app.accepted();
      await caller.shutdown(socket, 'SHUT_RDWR');
      await accepted.write('sent in vain?');
      await caller.recv(socket, 100);
    });
  },

  findings: {
    A13: finding(
      'After SHUT_RD arriving data is thrown away and the peer never learns',
      {
        'of data after SHUT_RD': (run) => thrownAwayUnnoticed(run.during('after SHUT_RD')),
        'of data after SHUT_RDWR': limit(
          (run) => thrownAwayUnnoticed(run.during('after SHUT_RDWR')),
          'the article says it of SHUT_RD alone',
        ),
        'data after SHUT_RD is acknowledged and recv() gives it': contrast((run) => {
          const { data, answer, reads } = afterShutdown(run.during('after SHUT_RD'));
          return [hasRead('the client', 'sent in vain?', reads, [data]), isAcknowledged(data, answer)];
        }),
        'the peer learns by RST where both directions are shut down': contrast((run) => {
          const { data, answer, reads } = afterShutdown(run.during('after SHUT_RDWR'));
          return [equal('the answer', 'R', answer?.flags, [data, answer]), hasRead('the client', '', reads, [data])];
        }),
      },
      'After SHUT_RD the kernel queues and acknowledges data as ever, and recv() gives it; only on an empty queue does recv() return 0 (tcp_shutdown() acts on SHUT_WR alone). With both directions shut the data is thrown away, and the peer is told by RST (tcp_rcv_state_process() in FIN-WAIT-2; RFC 9293, section 3.6.1).',
    ),
  },
});

/** recv() does not give it; the peer gets an ACK as ever, and no RST. */
const thrownAwayUnnoticed = (view: View) => {
  const { data, answer, resets, reads } = afterShutdown(view);
  return [
    hasRead('the client', '', reads, [data]),
    isAcknowledged(data, answer),
    none('RST from the client', resets, [data]),
  ];
};

/** The first data that arrives after shutdown(), what the client's kernel answers, and what its application reads. */
const afterShutdown = (view: View) => {
  const data = view.segments().find(sent('server', 'data'));
  if (!data) throw new Error('no data arrived after shutdown()');
  const after = view.between(data);
  const resets = after.segments().filter(sent('client', 'RST'));
  return { data, answer: answerTo(data, after.segments()), resets, reads: after.client.reads() };
};

const isAcknowledged = (data: SegmentEvent, answer?: SegmentEvent) =>
  equal('the answer', `. ack ${data.seq + data.length}`, answer && `${answer.flags} ack ${answer.ack}`, [data, answer]);
