// RST instead of FIN: which end of a program sends which, and what a RST does to the side that receives it.
import {
  all,
  carries,
  connectTo,
  count,
  endState,
  equal,
  experiment,
  failsWith,
  finding,
  type HostName,
  none,
  sent,
  type View,
} from '#finwait';

/** What a RST that the wire makes has for its sequence number; the next one expected is 1. */
const numbers = { 'with the next number': 1, 'within the window': 101, 'outside the window': 1_000_001 };

export default experiment({
  title: 'A connection ends in RST',
  article: ['close-variants', 'disconnect-experiments'],

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();
    const connect = async () => ({
      socket: await browser.connect(server, 50000, { allowHalfOpen: true }),
      accepted: await app.accepted(),
    });

    // The client goes away without closing.
    const leave = async ({ unread }: { unread: boolean }) => {
      const leaver = await client.raw({ name: unread ? 'leaves data unread' : 'leaves nothing unread' });
      const socket = await connectTo(leaver, server, 50000);
      const accepted = await app.accepted();
      await accepted.write('an answer');
      if (!unread) await leaver.recv(socket, 100);
      await leaver.exit();
    };
    await stage('the client ends, all read', () => leave({ unread: false }));
    await stage('the client ends, data unread', () => leave({ unread: true }));
    await stage('the client resets', async () => {
      const { socket } = await connect();
      await socket.resetAndDestroy(); // SO_LINGER with zero seconds, then close(2)
    });

    // The client has closed, the server is in CLOSE-WAIT when its program ends.
    const end = async (port: number, { data, read }: { data: boolean; read: boolean }) => {
      const program = await server.node({ name: `server on ${port}` });
      await program.listen(port, { allowHalfOpen: true, pauseOnConnect: !read });
      const socket = await browser.connect(server, port, { allowHalfOpen: true });
      if (data) await socket.write('a request');
      await socket.end();
      await program.exit();
    };
    await stage('CLOSE-WAIT, all read', () => end(50001, { data: true, read: true }));
    await stage('CLOSE-WAIT, only the end unread', () => end(50002, { data: false, read: false }));
    await stage('CLOSE-WAIT, data unread', () => end(50003, { data: true, read: false }));

    // A RST that arrives in CLOSE-WAIT, and one that overtakes data.
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
    B8: finding(
      'A client that goes away without closing causes an RST instead of a FIN',
      {
        'its process ends, everything read': (run) => resets(run.during('the client ends, all read'), 'client'),
        'its process ends, data unread': (run) => resets(run.during('the client ends, data unread'), 'client'),
        'resetAndDestroy(): linger zero': (run) => resets(run.during('the client resets'), 'client'),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
    ),
    B9: finding(
      'The client closed, the server acknowledged, but its program ends without closing: RST',
      {
        'everything read': (run) => resets(run.during('CLOSE-WAIT, all read'), 'server'),
        'only the end of the stream unread': (run) => resets(run.during('CLOSE-WAIT, only the end unread'), 'server'),
        'data unread': (run) => resets(run.during('CLOSE-WAIT, data unread'), 'server'),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
    ),
    C9: finding(
      'A RST forcibly ends the connection at the side that receives it',
      {
        'sent by the peer, received in ESTABLISHED': (run) => ends(run.during('the client resets')),
        'sent by the peer, received in FIN-WAIT-2': (run) => ends(run.during('CLOSE-WAIT, data unread'), 'client'),
        'sent by the peer, received in CLOSE-WAIT': (run) =>
          ends(run.during('data for a client that is gone'), 'server', 'EPIPE'),
        'sent by the peer, overtaking its data': (run) => ends(run.during('RST after lost data')),
        'not sent by the peer, with the next sequence number': (run) => ends(run.during('a RST with the next number')),
        'not sent by the peer, another number within the window': (run) => ends(run.during('a RST within the window')),
        'not sent by the peer, outside the window': (run) => ends(run.during('a RST outside the window')),
      },
      'Only the next expected sequence number is believed. Another within the window gets a challenge ACK, which a peer that is really gone answers with the right RST; outside the window the RST is ignored (RFC 5961, section 3.2; tcp_validate_incoming()).',
    ),
  },
});

/** The host's first closing segment is RST, and it sends no FIN. */
const resets = (view: View, host: HostName) => {
  const own = view.connection().closing.filter(sent(host, 'FIN', 'RST'));
  return all(
    equal(`the ${host} sends`, 'RST', own[0] && (carries('RST')(own[0]) ? 'RST' : 'FIN'), own.slice(0, 1)),
    none('FIN sent', own.filter(carries('FIN')), own),
  );
};

/** The RST takes the receiver to CLOSED, by no way of TIME-WAIT, and its application is told. */
const ends = (view: View, host: HostName = 'server', code = 'ECONNRESET') => {
  const connection = view.connection();
  const reset = connection.segments.findLast(
    (one) => one.to === host && one.fate === 'delivered' && carries('RST')(one),
  );
  if (!reset) throw new Error(`no RST reached the ${host}`);
  const last = connection.states(host).at(-1);
  const waiting = connection.states(host).filter(({ to }) => to === 'TIME-WAIT');
  return all(
    endState(connection, host, 'CLOSED'),
    equal('CLOSED by', { kind: 'segment', event: reset.id }, last?.to === 'CLOSED' && last.cause, [reset, last]),
    count('TIME-WAIT', 0, waiting),
    failsWith(code, connection.emits(host, 'error').slice(0, 1)),
  );
};
