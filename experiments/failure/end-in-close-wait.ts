// The client has closed, the server's kernel has acknowledged, and then the server's program ends without closing: it
// was in CLOSE-WAIT. The article has it send RST; the kernel does so only where data was unread.
import { claim, closesWith, connected, experiment, staged, type View } from '#finwait';

export default experiment({
  title: 'A server ends in CLOSE-WAIT: FIN or RST',
  article: 'close-variants',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('when everything was read', async () => {
      const { app, socket } = await connected(client, server, 50000);
      await socket.write('a request');
      await socket.end();
      await app.exit();
    });

    await stage('when only the end of the stream was unread', async () => {
      const { app, socket } = await connected(client, server, 50001, { pauseOnConnect: true });
      await socket.end();
      await app.exit();
    });

    await stage('when data was unread', async () => {
      const { app, socket } = await connected(client, server, 50002, { pauseOnConnect: true });
      await socket.write('a request');
      await socket.end();
      await app.exit();
    });
  },

  furtherCases: { B9: ['end-in-close-wait-java'] },
  findings: {
    B9: staged(
      'The client closed, the server acknowledged, but its program ends without closing: RST',
      {
        'when everything was read': (view) => resets(view),
        'when only the end of the stream was unread': (view) => resets(view),
        'when data was unread': claim(
          (view) => resets(view),
          'the article does not say what its server had read; its capture shows RST',
        ),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
    ),
  },
});

const resets = (view: View) => closesWith(view.connection(), 'server', 'RST');
