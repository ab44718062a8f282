// A client goes away without closing. The article has it send RST; the kernel sends FIN in its name, and RST only where
// data was unread or the program has asked for it. `end-in-close-wait` asks the same of a server that was closed on, and
// `received-reset` what a RST does.
import { carries, claim, connectTo, contrast, equal, experiment, finding, sent, type View } from '#finwait';

export default experiment({
  title: 'A client goes away without closing: FIN or RST',
  article: 'close-variants',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });

    await stage('everything was read', async () => {
      const leaver = await client.raw();
      const socket = await connectTo(leaver, server, 50000);
      const accepted = await app.accepted();
      await accepted.write('an answer');
      await leaver.recv(socket, 100);
      await leaver.exit();
    });

    await stage('data was unread', async () => {
      const leaver = await client.raw();
      await connectTo(leaver, server, 50000);
      const accepted = await app.accepted();
      await accepted.write('an answer');
      await leaver.exit();
    });

    await stage('linger zero', async () => {
      const browser = await client.node();
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      await socket.resetAndDestroy(); // SO_LINGER with zero seconds, then close(2)
    });
  },

  findings: {
    B8: finding(
      'A client that goes away without closing causes an RST instead of a FIN',
      {
        'when everything was read': (run) => resets(run.during('everything was read')),
        'when data was unread': claim(
          (run) => resets(run.during('data was unread')),
          'the article does not say what its client had read; its capture shows RST',
        ),
        'a client that asks for it by resetAndDestroy(), linger zero, sends RST': contrast((run) =>
          resets(run.during('linger zero')),
        ),
      },
      'When a process ends its sockets are closed: tcp_close() sends FIN, and RST only where received data is unread (RFC 9293, section 3.6.1) or SO_LINGER is zero.',
    ),
  },
});

const resets = (view: View) => {
  const own = view.connection().closing.filter(sent('client', 'FIN', 'RST'));
  return equal('the client sends', 'RST', own.map((one) => (carries('RST')(one) ? 'RST' : 'FIN')).join(', '), own);
};
