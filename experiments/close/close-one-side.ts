// The client closes, the server does not. Two segments, FIN and ACK: the client is in FIN-WAIT-2, the server in
// CLOSE-WAIT, and the end of the stream lies in its receive queue (Recv-Q 1) until somebody reads it.
// How long the two stay there is asked by `fin-wait-2-length`.
import { endStates, equal, experiment, limit, listenOn, sequence, staged, type View } from '#finwait';

export default experiment({
  title: 'Only the client closes',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.raw();
    const listener = await listenOn(app, 50000);
    const browser = await client.node();

    await stage('when the server has not read the end of the stream', async () => {
      const socket = await browser.connect(server, 50000);
      await app.accept(listener);
      await socket.destroy(); // close(2)
    });

    await stage('when the server has read the end of the stream, which empties Recv-Q', async () => {
      const socket = await browser.connect(server, 50000);
      const connection = (await app.accept(listener)).value;
      await socket.destroy();
      await app.recv(connection, 100); // returns 0
    });
  },

  findings: {
    A6: staged(
      'The client closes, the server does not: FIN, ACK; the client is in FIN-WAIT-2, the server in CLOSE-WAIT with Recv-Q 1',
      {
        'when the server has not read the end of the stream': (view) => onlyOneCloses(view),
        'when the server has read the end of the stream, which empties Recv-Q': limit(
          (view) => onlyOneCloses(view),
          "Recv-Q 1 stands only in the article's listing of ss, of a server that had not read",
        ),
      },
    ),
  },
});

/** The two segments, the two states, and one byte for the server to read. */
const onlyOneCloses = (view: View) => {
  const connection = view.connection();
  const { row, ...sample } = connection.row('server');
  return [
    sequence(connection.closing, ['client F.', 'server .']),
    endStates(connection, { client: 'FIN-WAIT-2', server: 'CLOSE-WAIT' }),
    equal('Recv-Q of the server', 1, row.recvQ, [sample]),
  ];
};
