// The whole way: listen, connect, accept, a message each way. Every state of the handshake is seen on both ends.
import { all, bytesOf, endState, equal, experiment, finding, sent, states, textOf } from '#finwait';

const question = 'what time is it?';
const answer = 'time to accept';

export default experiment({
  title: 'A handshake, an accept and a message each way',
  article: ['connection-states', 'establish-and-release'],
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const app = await server.node();
    await app.listen(50000);
    const browser = await client.node();
    const socket = await browser.connect(server, 50000);
    const accepted = await app.accepted();
    await socket.write(question);
    await accepted.received(question.length);
    await accepted.write(answer);
    await socket.received(answer.length);
  },

  findings: {
    A3: finding('With accept() both sides exchange data, and both ends are ESTABLISHED', {
      'for a message each way': (run) => {
        const connection = run.connection();
        const { segments, reads } = connection;
        const [asked, answered] = [segments.filter(sent('client', 'data')), segments.filter(sent('server', 'data'))];
        return all(
          equal('bytes from the client', question.length, bytesOf(asked), asked),
          equal('bytes from the server', answer.length, bytesOf(answered), answered),
          equal('the server read', question, textOf(reads('server')), reads('server')),
          equal('the client read', answer, textOf(reads('client')), reads('client')),
          endState(connection, 'client', 'ESTABLISHED'),
          endState(connection, 'server', 'ESTABLISHED'),
        );
      },
    }),
    D1: finding('The client goes CLOSED, SYN-SENT, ESTABLISHED; the server CLOSED, LISTEN, SYN-RECEIVED, ESTABLISHED', {
      'of the client': (run) => {
        const changes = run.connection().states('client');
        return all(
          equal('it begins in', 'CLOSED', changes[0]?.from, changes),
          states('client states', ['SYN-SENT', 'ESTABLISHED'], changes),
        );
      },
      'of the server: its listener, then the socket of the connection': (run) => {
        const listener = run.server.states({ localPort: 50000, to: 'LISTEN' });
        return all(
          states('listener', ['LISTEN'], listener),
          states('connection', ['SYN-RECEIVED', 'ESTABLISHED'], run.connection().states('server')),
        );
      },
    }),
  },
});
