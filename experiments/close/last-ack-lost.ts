// The last ACK of a close is lost. TIME-WAIT is there to answer the FIN that comes again; without it the answer is RST.
import { answerTo, carries, causedBy, connected, endStates, equal, experiment, none, sent, staged } from '#finwait';

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
        'when the client is in TIME-WAIT': (view) => {
          const { closing, retransmissions } = view.connection();
          const [again] = retransmissions('server').filter(carries('FIN'));
          const answer = answerTo(again, closing);
          return [
            causedBy(again, 'timer'),
            equal('the answer', '. 2:2(0) ack 2', answer?.text, [again, answer]),
            endStates(view.connection(), { client: 'TIME-WAIT', server: 'CLOSED' }),
          ];
        },
        'when the TIME-WAIT socket is gone': (view) => {
          const { closing, retransmissions, rows } = view.connection();
          const [again] = retransmissions('server').filter(carries('FIN'));
          const answer = answerTo(again, closing);
          const waiting = rows('client').filter(({ row }) => row.state === 'TIME-WAIT');
          return [
            none('TIME-WAIT rows on the client', waiting, [again]),
            equal('the answer', 'R', answer?.flags, [again, answer]),
          ];
        },
      },
    ),
  },
});
