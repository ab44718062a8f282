// RST instead of FIN: which end of a program sends which? What a RST does to the side that receives it is shown by
// `received-reset`.
import {
  all,
  carries,
  claim,
  connectTo,
  contrast,
  equal,
  experiment,
  finding,
  type HostName,
  none,
  sent,
  type View,
} from '#finwait';

export default experiment({
  title: 'A program ends its connection: FIN or RST',
  article: 'close-variants',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();

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
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      await app.accepted();
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
  },

  findings: {
    B8: finding(
      'A client that goes away without closing causes an RST instead of a FIN',
      {
        'when everything was read': (run) => resets(run.during('the client ends, all read'), 'client'),
        'when data was unread': claim(
          (run) => resets(run.during('the client ends, data unread'), 'client'),
          'the article does not say what its client had read; its capture shows RST',
        ),
        'a client that asks for it by resetAndDestroy(), linger zero, sends RST': contrast((run) =>
          resets(run.during('the client resets'), 'client'),
        ),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
    ),
    B9: finding(
      'The client closed, the server acknowledged, but its program ends without closing: RST',
      {
        'when everything was read': (run) => resets(run.during('CLOSE-WAIT, all read'), 'server'),
        'when only the end of the stream was unread': (run) =>
          resets(run.during('CLOSE-WAIT, only the end unread'), 'server'),
        'when data was unread': claim(
          (run) => resets(run.during('CLOSE-WAIT, data unread'), 'server'),
          'the article does not say what its server had read; its capture shows RST',
        ),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
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
