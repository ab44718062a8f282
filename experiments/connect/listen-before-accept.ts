// A server that listens but never calls accept(): the kernel completes the handshake alone, even with the server's
// process frozen. What may be sent before accept() is asked by `send-before-accept`.
import { count, endStates, experiment, listenOn, sequence, staged, states, type View } from '#finwait';

export default experiment({
  title: 'A server that listens but never accepts',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('when no accept() is ever called', async () => {
      const app = await server.raw();
      await listenOn(app, 50000);
      const browser = await client.node();
      await browser.connect(server, 50000);
    });

    await stage('when the server process is frozen', async () => {
      const app = await server.node({ name: 'frozen' });
      await app.listen(50001);
      await app.freeze(); // SIGSTOP: it cannot call accept()
      const browser = await client.node({ name: 'early' });
      await browser.connect(server, 50001);
    });
  },

  findings: {
    A2: staged('After listen() and without accept() the handshake completes and both ends show ESTABLISHED', {
      'when no accept() is ever called': (view) => [
        completes(view),
        count('accept() calls', 0, view.server.calls('accept')),
      ],
      'when the server process is frozen': (view) => [
        completes(view),
        states('server states while frozen', ['SYN-RECEIVED', 'ESTABLISHED'], view.connection().states('server')),
      ],
    }),
  },
});

const completes = (view: View) => [
  sequence(view.connection().handshake, ['client S', 'server S.', 'client .']),
  endStates(view.connection(), { client: 'ESTABLISHED', server: 'ESTABLISHED' }),
];
