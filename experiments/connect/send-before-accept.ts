// A client sends before the server has called accept(), because the server's process is frozen. The kernel acknowledges
// the data and keeps it; the program reads and answers once it has accepted.
import { answerTo, equal, experiment, finding, sent } from '#finwait';

export default experiment({
  title: 'A client that sends before accept()',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const app = await server.node();
    await app.listen(50000);
    await app.freeze(); // SIGSTOP: it cannot call accept()
    const browser = await client.node();
    const socket = await browser.connect(server, 50000);
    await socket.write('hello');
    await app.thaw();
    const accepted = await app.accepted();
    await accepted.received(5);
    await accepted.write('welcome');
    await socket.received(7);
  },

  findings: {
    A4: finding('Only after accept() can client and server send and receive', {
      'of what the client sends before accept()': (run) => {
        const [thaw] = run.server.calls('thaw');
        const { segments, row } = run.connection().between(undefined, thaw);
        const data = segments.find(sent('client', 'data'));
        const answer = answerTo(data, segments);
        const { row: waiting, ...sample } = row('server');
        return [
          equal('acknowledged before accept(), of "hello"', 'nothing', answer ? answer.text : 'nothing', [
            data,
            answer,
          ]),
          equal('Recv-Q before accept()', 0, waiting.recvQ, [sample]),
        ];
      },
      'of what the server reads and writes': (run) => {
        const [accepted] = run.server.emits('connection');
        const [read, answered] = [run.server.reads()[0], run.client.reads()[0]];
        const order = [accepted, read, answered].filter((one) => one !== undefined).sort((a, b) => a.at - b.at);
        const names = order.map((one) => (one === accepted ? 'accepted' : one === read ? 'read' : 'answered'));
        return equal('in this order', 'accepted, read, answered', names.join(', '), order);
      },
    }),
  },
});
