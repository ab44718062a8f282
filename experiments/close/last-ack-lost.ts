// The last ACK of a close is lost. TIME-WAIT is there to answer the FIN that comes again; without it the answer is RST.
import { all, answerTo, endState, equal, experiment, finding, holds, none, sent, type View } from '#finwait';

export default experiment({
  title: 'The last ACK of a close is lost',
  article: 'establish-and-release',
  retransmitAfterSeconds: 1, // by then the wire has passed everything on, on a busy machine too

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();

    const loseLastAck = async () => {
      const socket = await browser.connect(server, 50000);
      const accepted = await app.accepted();
      await socket.end();
      await wire.drop(({ flags, ack }) => flags === '.' && ack === 2, { from: 'client', times: 1 });
      let fins = 0;
      const again = wire.next((segment) => sent('server', 'FIN')(segment) && ++fins === 2);
      await accepted.end();
      await again; // the server's retransmission timer sends it
      await server.untilGone({ localPort: 50000, state: 'LAST-ACK' });
    };

    // Undisturbed: the server's FIN comes again when its kernel says so. That there is no TIME-WAIT must be looked at.
    await stage('TIME-WAIT is there', { undisturbed: true }, loseLastAck);
    await stage('TIME-WAIT is gone', async () => {
      await client.sysctl('net.ipv4.tcp_max_tw_buckets', 0); // no room for a TIME-WAIT socket: it is closed at once
      await loseLastAck();
    });
  },

  findings: {
    D5: finding(
      'TIME-WAIT makes a lost last ACK good: the FIN that is sent again is acknowledged again; without it the answer would be RST',
      {
        'when the client is in TIME-WAIT': (run) => {
          const { connection, again, answer } = secondFin(run.during('TIME-WAIT is there'));
          return all(
            holds('the FIN comes again, by a kernel timer', again?.text ?? 'no', again?.cause?.kind === 'timer', [
              again,
            ]),
            equal('the answer', '. 2:2(0) ack 2', answer?.text, [again, answer]),
            endState(connection, 'server', 'CLOSED'),
            endState(connection, 'client', 'TIME-WAIT'),
          );
        },
        'when the TIME-WAIT socket is gone': (run) => {
          const { connection, again, answer } = secondFin(run.during('TIME-WAIT is gone'));
          const waiting = connection.rows('client').filter(({ row }) => row.state === 'TIME-WAIT');
          return all(
            none('TIME-WAIT rows on the client', waiting, [again]),
            equal('the answer', 'R', answer?.flags, [again, answer]),
          );
        },
      },
    ),
  },
});

/** The FIN the server sent again, and what the client answered. */
const secondFin = (view: View) => {
  const connection = view.connection();
  const again = connection.closing.filter(sent('server', 'FIN')).find(({ role }) => role === 'retransmission');
  return { connection, again, answer: answerTo(again, connection.closing) };
};
