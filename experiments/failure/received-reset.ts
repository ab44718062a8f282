// What a RST does to the side that receives it: it is CLOSED at once, without TIME-WAIT, and its program is told. In three
// states, ahead of lost data, and when the peer never sent it.
import { carries, causedBy, connected, endState, experiment, failsWith, limit, staged, type View } from '#finwait';

const forged = 'the article has one of the two sides send it';

export default experiment({
  title: 'A RST arrives',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    await stage('in ESTABLISHED', async () => {
      const { socket } = await connected(client, server, 50000);
      await socket.resetAndDestroy(); // SO_LINGER with zero seconds, then close(2)
    });
    await stage('in FIN-WAIT-2', async () => {
      const { app, socket } = await connected(client, server, 50001, { pauseOnConnect: true });
      await socket.write('a request');
      await socket.end();
      await app.exit(); // with data unread
    });
    await stage('in CLOSE-WAIT', async () => {
      const { socket, accepted } = await connected(client, server, 50002);
      await socket.destroy();
      await accepted.write('an answer'); // to a client that is gone: answered by RST
      await accepted.write('more of it');
    });
    await stage('when it overtakes data that was lost', async () => {
      const { socket } = await connected(client, server, 50003);
      const stop = await wire.drop(carries('data'), { from: 'client' });
      await socket.write('lost');
      await socket.resetAndDestroy();
      await stop();
    });

    // A RST the client has not sent: the wire makes it. The next number expected is 1.
    const forge = async (port: number, seq: number) => {
      const { socket } = await connected(client, server, port);
      await wire.inject({ from: 'client', flags: 'R', seq });
      await socket.write('still there?');
    };
    await stage('when forged with the next sequence number', () => forge(50004, 1));
    await stage('when forged with another number within the window', () => forge(50005, 101));
    await stage('when forged with a number outside it', () => forge(50006, 1_000_001));
  },

  findings: {
    C9: staged(
      'A RST forcibly ends the connection at the side that receives it',
      {
        'in ESTABLISHED': (view) => ends(view),
        'in FIN-WAIT-2': (view) => ends(view, 'client'),
        'in CLOSE-WAIT': (view) => ends(view, 'server', 'EPIPE'),
        'when it overtakes data that was lost': (view) => ends(view),
        'when forged with the next sequence number': limit((view) => ends(view), forged),
        'when forged with another number within the window': limit((view) => ends(view), forged),
        'when forged with a number outside it': limit((view) => ends(view), forged),
      },
      'Only the next expected sequence number is believed. Another within the window gets a challenge ACK, which a peer that is really gone answers with the right RST; outside the window the RST is ignored (RFC 5961, section 3.2; tcp_validate_incoming()).',
    ),
  },
});

/** The RST takes the receiver to CLOSED, by no way of TIME-WAIT, and its application is told. */
const ends = (view: View, host: 'client' | 'server' = 'server', code = 'ECONNRESET') => {
  const connection = view.connection();
  const reset = connection.segments.filter(carries('RST')).findLast(({ to }) => to === host);
  const closed = connection.states(host).find(({ to }) => to === 'CLOSED');
  return [
    endState(connection, host, 'CLOSED'),
    causedBy(closed, reset),
    failsWith(code, connection.emits(host, 'error').slice(0, 1), [reset]),
  ];
};
