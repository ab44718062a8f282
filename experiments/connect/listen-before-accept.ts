// A server that listens but never calls accept(): the kernel completes the handshake alone, acknowledges data and keeps it.
import { all, equal, experiment, finding, holds, sequence, states } from '#finwait';

export default experiment({
  title: 'A server that listens but never accepts',
  article: 'connection-states',

  async run({ client, server, stage }) {
    await stage('listening, never accepting', async () => {
      const app = await server.raw();
      const listener = (await app.socket()).value;
      await app.bind(listener, 50000);
      await app.listen(listener, 5);
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
      'no accept() is ever called': (run) => {
        const view = run.during('listening, never accepting');
        const { handshake, state } = view.connection();
        return all(
          sequence(handshake, ['client S', 'server S.', 'client .']),
          equal('client state', 'ESTABLISHED', state('client').state, [state('client')]),
          equal('server state', 'ESTABLISHED', state('server').state, [state('server')]),
          equal('accept() calls', 0, view.server.calls('accept').length, handshake),
        );
      },
      'the server process is frozen': (run) => {
        const view = run.during('frozen right after listen()');
        const freeze = view.server.calls('freeze').at(0);
        const thaw = view.server.calls('thaw').at(0);
        const connection = view.between(freeze, thaw).connection();
        return all(
          sequence(connection.handshake, ['client S', 'server S.', 'client .']),
          states('server states while frozen', ['SYN-RECEIVED', 'ESTABLISHED'], connection.states('server')),
        );
      },
    }),
    A4: finding('Only after accept() can client and server send and receive', {
      'the client sends before accept()': (run) => {
        const view = run.during('frozen right after listen()');
        const thaw = view.server.calls('thaw').at(0);
        const before = view.between(undefined, thaw).connection();
        const sent = before.segments.filter(({ from, length }) => from === 'client' && length > 0);
        const acknowledged = before.segments.filter(({ from, ack }) => from === 'server' && ack === 6);
        const { row, id } = before.row('server');
        return holds(
          'data sent before accept() is neither acknowledged nor stored',
          `${sent.length} data segment sent before accept(), acknowledged up to ${acknowledged.at(-1)?.ack ?? 1}, Recv-Q ${row.recvQ}`,
          sent.length === 0 || (acknowledged.length === 0 && row.recvQ === 0),
          [...sent, ...acknowledged, { id }],
        );
      },
      'the server reads and writes': (run) => {
        const view = run.during('frozen right after listen()');
        const accepted = view.server.emits('connection').at(0);
        const received = view.server.emits('data').at(0);
        const answered = view.client.emits('data').at(0);
        return holds(
          'the server receives and sends after accept() only',
          `accepted at ${accepted?.id}, 'data' at ${received?.id}, answer at ${answered?.id}`,
          accepted !== undefined &&
            received !== undefined &&
            answered !== undefined &&
            received.at >= accepted.at &&
            answered.at > accepted.at,
          [accepted, received, answered].filter((event) => event !== undefined),
        );
      },
    }),
  },
});
