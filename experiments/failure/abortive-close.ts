// A client goes away without closing. The article has it send RST; the kernel sends FIN in its name, and RST only where data
// was unread or the program has asked for it. `end-in-close-wait` asks the same of a server that was closed on.
import { claim, closesWith, connected, connectTo, contrast, experiment, staged, type View } from '#finwait';

const asked = 'a client that asks for it by resetAndDestroy(), linger zero, sends RST';

export default experiment({
  title: 'A client goes away without closing: FIN or RST',
  article: 'close-variants',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    await stage('when everything was read', async () => {
      const leaver = await client.raw();
      const socket = await connectTo(leaver, server, 50000);
      const accepted = await app.accepted();
      await accepted.write('an answer');
      await leaver.recv(socket, 100);
      await leaver.exit();
    });
    await stage('when data was unread', async () => {
      const leaver = await client.raw();
      await connectTo(leaver, server, 50000);
      const accepted = await app.accepted();
      await accepted.write('an answer');
      await leaver.exit();
    });
    await stage(asked, async () => {
      const { socket } = await connected(client, server, 50001);
      await socket.resetAndDestroy(); // SO_LINGER with zero seconds, then close(2)
    });
  },

  furtherCases: { B8: ['abortive-close-java'] },
  findings: {
    B8: staged(
      'A client that goes away without closing causes an RST instead of a FIN',
      {
        'when everything was read': (view) => resets(view),
        'when data was unread': claim(
          (view) => resets(view),
          'the article does not say what its client had read; its capture shows RST',
        ),
        [asked]: contrast((view) => resets(view)),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
    ),
  },
});

const resets = (view: View) => closesWith(view.connection(), 'client', 'RST');
