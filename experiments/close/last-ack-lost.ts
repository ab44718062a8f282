// The last ACK of a close is lost, and the FIN comes again. TIME-WAIT is there to answer it with another ACK; without it
// the answer is RST.
import { answerTo, causedBy, connected, endStates, equal, experiment, sent, staged, states, type View } from '#finwait';

export default experiment({
  title: 'The last ACK of a close is lost',
  article: 'establish-and-release',
  retransmitAfterSeconds: 1, // by then the wire has passed everything on, on a busy machine too

  async run({ client, server, wire, stage }) {
    const loseLastAck = async (port: number) => {
      const { socket, accepted } = await connected(client, server, port);
      await socket.end();
      await wire.drop(({ flags, ack }) => flags === '.' && ack === 2, { from: 'client', times: 1 });
      let fins = 0;
      const again = wire.next((segment) => sent('server', 'FIN')(segment) && ++fins === 2);
      await accepted.end();
      await again; // the server's retransmission timer sends it
      await server.untilGone({ localPort: port, state: 'LAST-ACK' });
    };

    // Undisturbed: the server's FIN comes again when its kernel says so. That there is no TIME-WAIT must be looked at.
    await stage('when the client is in TIME-WAIT', { undisturbed: true }, () => loseLastAck(50000));
    await stage('when the TIME-WAIT socket is gone', async () => {
      await client.sysctl('net.ipv4.tcp_max_tw_buckets', 0); // no room for a TIME-WAIT socket: it is closed at once
      await loseLastAck(50001);
    });
  },

  findings: {
    D5: staged(
      'TIME-WAIT makes a lost last ACK good: the FIN that is sent again is acknowledged again; without it the answer would be RST',
      {
        'when the client is in TIME-WAIT': (view) => [
          answeredBy(view, '. 2:2(0) ack 2'),
          endStates(view.connection(), { client: 'TIME-WAIT', server: 'CLOSED' }),
        ],
        'when the TIME-WAIT socket is gone': (view) => [
          states('the client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSED'], view.connection().closingStates('client')),
          answeredBy(view, 'R 2:2(0)'),
        ],
      },
    ),
  },
});

/** The server's kernel sends its FIN again, and this is what the client's answers. */
const answeredBy = (view: View, text: string) => {
  const { closing, retransmissions } = view.connection();
  const [again] = retransmissions('server');
  const answer = answerTo(again, closing);
  return [causedBy(again, 'timer'), equal('the answer', text, answer?.text, [again, answer])];
};
