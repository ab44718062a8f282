// What a RST does to the side that receives it: in three states, ahead of lost data, and when the peer never sent it.
import { all, carries, endState, equal, experiment, failsWith, finding, limit, none, type View } from '#finwait';

/** Sequence numbers for a RST that the wire makes; the next one expected is 1. */
const numbers = { 'with the next number': 1, 'within the window': 101, 'outside the window': 1_000_001 };

const forged = 'the article has one of the two sides send it';

export default experiment({
  title: 'A RST arrives',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();
    const connect = async () => ({
      socket: await browser.connect(server, 50000, { allowHalfOpen: true }),
      accepted: await app.accepted(),
    });

    await stage('the client resets', async () => {
      const { socket } = await connect();
      await socket.resetAndDestroy(); // SO_LINGER with zero seconds, then close(2)
    });
    await stage('CLOSE-WAIT, data unread', async () => {
      const program = await server.node({ name: 'leaves data unread' });
      await program.listen(50003, { allowHalfOpen: true, pauseOnConnect: true });
      const socket = await browser.connect(server, 50003, { allowHalfOpen: true });
      await socket.write('a request');
      await socket.end();
      await program.exit();
    });
    await stage('data for a client that is gone', async () => {
      const { socket, accepted } = await connect();
      await socket.destroy();
      await accepted.write('an answer'); // answered by RST
      await accepted.write('more of it');
    });
    await stage('RST after lost data', async () => {
      const { socket } = await connect();
      const stop = await wire.drop(carries('data'), { from: 'client' });
      await socket.write('lost');
      await socket.resetAndDestroy();
      await stop();
    });

    // A RST the client has not sent: the wire makes it.
    for (const [where, seq] of Object.entries(numbers)) {
      await stage(`a RST ${where}`, async () => {
        const { socket } = await connect();
        await wire.inject({ from: 'client', flags: 'R', seq });
        await socket.write('still there?');
      });
    }
  },

  findings: {
    C9: finding(
      'A RST forcibly ends the connection at the side that receives it',
      {
        'in ESTABLISHED': (run) => ends(run.during('the client resets')),
        'in FIN-WAIT-2': (run) => ends(run.during('CLOSE-WAIT, data unread'), 'client'),
        'in CLOSE-WAIT': (run) => ends(run.during('data for a client that is gone'), 'server', 'EPIPE'),
        'when it overtakes data that was lost': (run) => ends(run.during('RST after lost data')),
        'when forged with the next sequence number': limit(
          (run) => ends(run.during('a RST with the next number')),
          forged,
        ),
        'when forged with another number within the window': limit(
          (run) => ends(run.during('a RST within the window')),
          forged,
        ),
        'when forged with a number outside it': limit((run) => ends(run.during('a RST outside the window')), forged),
      },
      'Only the next expected sequence number is believed. Another within the window gets a challenge ACK, which a peer that is really gone answers with the right RST; outside the window the RST is ignored (RFC 5961, section 3.2; tcp_validate_incoming()).',
    ),
  },
});

/** The RST takes the receiver to CLOSED, by no way of TIME-WAIT, and its application is told. */
const ends = (view: View, host: 'client' | 'server' = 'server', code = 'ECONNRESET') => {
  const connection = view.connection();
  const reset = connection.segments
    .filter(carries('RST'))
    .findLast(({ to, fate }) => to === host && fate === 'delivered');
  if (!reset) throw new Error(`no RST reached the ${host}`);
  const last = connection.states(host).at(-1);
  const after = connection.between(reset).rows(host);
  const waiting = after.filter(({ row }) => row.state === 'TIME-WAIT');
  return all(
    endState(connection, host, 'CLOSED'),
    equal('because of', reset.id, last?.cause?.kind === 'segment' ? last.cause.event : 'nothing', [reset, last]),
    none('TIME-WAIT rows', waiting, [reset]),
    failsWith(code, connection.emits(host, 'error').slice(0, 1), [reset]),
  );
};
