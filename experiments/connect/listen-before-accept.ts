// A server that listens but never calls accept(): the kernel completes the handshake alone, acknowledges data and keeps it.
import { all, count, endState, experiment, finding, holds, listenOn, sent, sequence, states } from '#finwait';

export default experiment({
  title: 'A server that listens but never accepts',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('listening, never accepting', async () => {
      const app = await server.raw();
      await listenOn(app, 50000);
      const browser = await client.node();
      await browser.connect(server, 50000);
    });

    await stage('frozen right after listen()', async () => {
      const app = await server.node({ name: 'frozen' });
      await app.listen(50001);
      await app.freeze(); // SIGSTOP: it cannot call accept()
      const browser = await client.node({ name: 'early' });
      const socket = await browser.connect(server, 50001);
      await socket.write('hello');
      await app.thaw();
      const accepted = await app.accepted();
      await accepted.received(5);
      await accepted.write('welcome');
      await socket.received(7);
    });
  },

  findings: {
    A2: finding('After listen() and without accept() the handshake completes and both ends show ESTABLISHED', {
      'when no accept() is ever called': (run) => {
        const view = run.during('listening, never accepting');
        const connection = view.connection();
        return all(
          sequence(connection.handshake, ['client S', 'server S.', 'client .']),
          endState(connection, 'client', 'ESTABLISHED'),
          endState(connection, 'server', 'ESTABLISHED'),
          count('accept() calls', 0, view.server.calls('accept')),
        );
      },
      'when the server process is frozen': (run) => {
        const view = run.during('frozen right after listen()');
        const [freeze] = view.server.calls('freeze');
        const [thaw] = view.server.calls('thaw');
        const connection = view.between(freeze, thaw).connection();
        return all(
          sequence(connection.handshake, ['client S', 'server S.', 'client .']),
          states('server states while frozen', ['SYN-RECEIVED', 'ESTABLISHED'], connection.states('server')),
        );
      },
    }),
    A4: finding('Only after accept() can client and server send and receive', {
      'of what the client sends before accept()': (run) => {
        const view = run.during('frozen right after listen()');
        const [thaw] = view.server.calls('thaw');
        const before = view.connection().between(undefined, thaw);
        const data = before.segments.filter(sent('client', 'data'));
        const acknowledged = before.segments.filter(({ from, ack }) => from === 'server' && ack === 6);
        const { row, ...sample } = before.row('server');
        return holds(
          'data sent before accept() is neither acknowledged nor stored',
          `${data.length} data segment sent before accept(), acknowledged up to ${acknowledged.at(-1)?.ack ?? 1}, Recv-Q ${row.recvQ}`,
          data.length === 0 || (acknowledged.length === 0 && row.recvQ === 0),
          [...data, ...acknowledged, sample],
        );
      },
      'of what the server reads and writes': (run) => {
        const view = run.during('frozen right after listen()');
        const [accepted] = view.server.emits('connection');
        const [read] = view.server.reads();
        const [answered] = view.client.reads();
        const inOrder = accepted && read && answered && read.at >= accepted.at && answered.at > accepted.at;
        return holds(
          'the server receives and sends after accept() only',
          `accepted at ${accepted?.id}, read at ${read?.id}, answer at ${answered?.id}`,
          inOrder === true,
          [accepted, read, answered],
        );
      },
    }),
  },
});
