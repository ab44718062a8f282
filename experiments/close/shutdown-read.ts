// shutdown(SHUT_RD): nothing is told to the peer. What becomes of data that comes afterwards, and does the peer learn of it?
import {
  all,
  answerTo,
  carries,
  connectTo,
  contrast,
  endState,
  equal,
  experiment,
  finding,
  holds,
  limit,
  none,
  sent,
  textOf,
  type View,
} from '#finwait';

export default experiment({
  title: 'The client shuts down its receiving side',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, observe }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const caller = await client.raw();
    const connect = async () => ({
      socket: await connectTo(caller, server, 50000),
      accepted: await app.accepted(),
    });

    await stage('SHUT_RD on an idle connection', async () => {
      const { socket } = await connect();
      await caller.shutdown(socket, 'SHUT_RD');
      await observe(500);
    });

    await stage('SHUT_RD with data unread', async () => {
      const { socket, accepted } = await connect();
      await accepted.write('nobody reads this');
      await caller.shutdown(socket, 'SHUT_RD');
      await observe(500);
    });

    await stage('data after SHUT_RD', async () => {
      const { socket, accepted } = await connect();
      await caller.shutdown(socket, 'SHUT_RD');
      await caller.recv(socket, 100); // returns 0 although no FIN has come
      await accepted.write('sent in vain?');
      await caller.recv(socket, 100);
      await accepted.write('and once more');
    });

    await stage('data after SHUT_RDWR', async () => {
      const { socket, accepted } = await connect();
      await caller.shutdown(socket, 'SHUT_RDWR');
      await accepted.write('sent in vain?');
      await caller.recv(socket, 100);
    });
  },

  findings: {
    A12: finding('SHUT_RD sends no segment', {
      'with nothing unread': (run) => staysSilent(run.during('SHUT_RD on an idle connection')),
      'with data unread': (run) => staysSilent(run.during('SHUT_RD with data unread')),
    }),
    A13: finding(
      'After SHUT_RD arriving data is thrown away and the peer never learns',
      {
        'of data after SHUT_RD': (run) => thrownAwayUnnoticed(run.during('data after SHUT_RD')),
        'of data after SHUT_RDWR': limit(
          (run) => thrownAwayUnnoticed(run.during('data after SHUT_RDWR')),
          'the article says it of SHUT_RD alone',
        ),
        'data after SHUT_RD is acknowledged and recv() gives it': contrast((run) => {
          const { data, answer, reads } = afterShutdown(run.during('data after SHUT_RD'));
          return all(
            equal('what recv() gives of the data', 'sent in vain?', textOf(reads), [data, ...reads]),
            equal('acknowledged up to', data.seq + data.length, answer?.ack, [data, answer]),
          );
        }),
        'the peer learns by RST where both directions are shut down': contrast((run) => {
          const { data, resets, reads } = afterShutdown(run.during('data after SHUT_RDWR'));
          return all(
            holds('RST from the client', resets[0]?.text ?? 'none', resets.length > 0, [data, ...resets]),
            equal('what recv() gives of the data', '', textOf(reads), [data, ...reads]),
          );
        }),
      },
      'After SHUT_RD the kernel queues and acknowledges data as ever, and recv() gives it; only on an empty queue does recv() return 0 (tcp_shutdown() acts on SHUT_WR alone). With both directions shut the data is thrown away, and the peer is told by RST (tcp_rcv_state_process() in FIN-WAIT-2; RFC 9293, section 3.6.1).',
    ),
  },
});

/** From the call on no segment moves, and both ends stay ESTABLISHED. */
const staysSilent = (view: View) => {
  const [shutdown] = view.client.calls('shutdown');
  if (!shutdown || shutdown.returned?.errno !== undefined) throw new Error('shutdown() failed');
  return all(
    none('segments after shutdown()', view.between(shutdown).segments(), [shutdown, ...view.client.samples.slice(-1)]),
    endState(view.connection(), 'client', 'ESTABLISHED'),
    endState(view.connection(), 'server', 'ESTABLISHED'),
  );
};

/** The data arrives at the client and recv() does not give it; the peer gets an ACK as ever, and no RST. */
const thrownAwayUnnoticed = (view: View) => {
  const { data, answer, resets, reads } = afterShutdown(view);
  return all(
    equal('what recv() gives of the data', '', textOf(reads), [data, ...reads]),
    none('RST from the client', resets, [data, answer]),
    equal('the answer', `. ack ${data.seq + data.length}`, answer && `${answer.flags} ack ${answer.ack}`, [
      data,
      answer,
    ]),
  );
};

/** The first data that arrives after shutdown(), what the client's kernel answers, and what its application reads. */
const afterShutdown = (view: View) => {
  const data = view.segments({ fate: 'delivered' }).find(sent('server', 'data'));
  if (!data) throw new Error('no data arrived after shutdown()');
  const after = view.between(data);
  const resets = after.segments({ from: 'client' }).filter(carries('RST'));
  return { data, answer: answerTo(data, after.segments()), resets, reads: after.client.reads() };
};
