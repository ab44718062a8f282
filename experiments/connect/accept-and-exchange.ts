// The whole way: listen, connect, accept, a message each way. Every state of the handshake is seen on both ends.
import { carries, endStates, equal, experiment, finding, hasRead, states } from '#finwait';

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
    await socket.write('what time is it?');
    await accepted.received(16);
    await accepted.write('time to accept');
    await socket.received(14);
  },

  findings: {
    A3: finding('With accept() both sides exchange data, and both ends are ESTABLISHED', {
      'for a message each way': (run) => {
        const { segments, reads } = run.connection();
        const data = segments.filter(carries('data'));
        const lengths = data.map(({ from, length }) => `${length} from the ${from}`);
        return [
          equal('bytes', ['16 from the client', '14 from the server'], lengths, data),
          hasRead('the server', 'what time is it?', reads('server'), data),
          hasRead('the client', 'time to accept', reads('client'), data),
          endStates(run.connection(), { client: 'ESTABLISHED', server: 'ESTABLISHED' }),
        ];
      },
    }),
    D1: finding('The client goes CLOSED, SYN-SENT, ESTABLISHED; the server CLOSED, LISTEN, SYN-RECEIVED, ESTABLISHED', {
      'of the client': (run) => {
        const changes = run.connection().states('client');
        return [
          equal('it begins in', 'CLOSED', changes[0]?.from, changes),
          states('client states', ['SYN-SENT', 'ESTABLISHED'], changes),
        ];
      },
      'of the server: its listener, then the socket of the connection': (run) => [
        states('listener', ['LISTEN'], run.server.states({ localPort: 50000, to: 'LISTEN' })),
        states('connection', ['SYN-RECEIVED', 'ESTABLISHED'], run.connection().states('server')),
      ],
    }),
  },
});
