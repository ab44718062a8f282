// The whole way: listen, connect, accept, a message each way. Every state of the handshake is seen on both ends.
import { all, equal, experiment, finding, holds, states } from '#finwait';

const question = 'what time is it?';
const answer = 'time to accept';

export default experiment({
  title: 'A handshake, an accept and a message each way',
  article: ['connection-states', 'establish-and-release'],

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
      'a message each way': (run) => {
        const { segments, emits, state } = run.connection();
        const payload = (from: string) => segments.filter((one) => one.from === from && one.length > 0);
        const heard = (host: 'client' | 'server') => emits(host, 'data');
        return all(
          equal('bytes from the client', question.length, sum(payload('client')), payload('client')),
          equal('bytes from the server', answer.length, sum(payload('server')), payload('server')),
          equal('the server read', question, text(heard('server')), heard('server')),
          equal('the client read', answer, text(heard('client')), heard('client')),
          equal('client state', 'ESTABLISHED', state('client').state, [state('client')]),
          equal('server state', 'ESTABLISHED', state('server').state, [state('server')]),
        );
      },
    }),
    D1: finding('The client goes CLOSED, SYN-SENT, ESTABLISHED; the server CLOSED, LISTEN, SYN-RECEIVED, ESTABLISHED', {
      'the client': (run) => {
        const changes = run.connection().states('client');
        return all(
          holds('it begins in CLOSED', `it begins in ${changes[0]?.from}`, changes[0]?.from === 'CLOSED', changes),
          states('client states', ['SYN-SENT', 'ESTABLISHED'], changes),
        );
      },
      'the server: its listener, then the socket of the connection': (run) => {
        const listener = run.server.states({ localPort: 50000, to: 'LISTEN' });
        return all(
          states('listener', ['LISTEN'], listener),
          states('connection', ['SYN-RECEIVED', 'ESTABLISHED'], run.connection().states('server')),
        );
      },
    }),
  },
});

const sum = (segments: { length: number }[]) => segments.reduce((total, { length }) => total + length, 0);
const text = (events: { text?: string }[]) => events.map((event) => event.text ?? '').join('');
