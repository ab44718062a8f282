// Only the client starts: what becomes of an HTTP answer that nobody has asked for? And of news that a server sends within
// an answer that goes on (server-sent events)?
import { carries, count, experiment, finding, limit, none, ownNode } from '#finwait';

const program = (name: string) => `${import.meta.dirname}/programs/${name}.mjs`;
const answer = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

export default experiment({
  title: 'An HTTP answer that nobody has asked for',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    const browse = (port: number) =>
      client.spawn(ownNode, [program('http-client'), server.address, `${port}`], { name: `http client ${port}` });

    const app = await server.node();
    await (await app.listen(8000)).react({ on: 'data', do: 'write', args: [answer('asked for')] });
    const careful = await browse(8000);
    await careful.input('/one\n');
    await careful.output(/ended/);
    await stage('an answer nobody asked for', async () => {
      const accepted = await app.accepted();
      await accepted.write(answer('not asked for'));
      await accepted.event('end'); // the client wants no more of it
    });

    const events = await server.spawn(ownNode, [program('event-server'), server.address, '8001'], { name: 'events' });
    await events.output(/listening/);
    const listener = await browse(8001);
    await stage('an answer that goes on', async () => {
      await listener.input('/events\n');
      await listener.output(/welcome/);
      for (const news of ['first news', 'second news']) {
        await events.input(news);
        await listener.output(new RegExp(news));
      }
      await wire.quiet();
    });
  },

  furtherCases: { D13: ['http-requests-per-connection'] },
  findings: {
    D13: finding(
      'Over HTTP one connection carries one request, and only the client starts',
      {
        'of an answer nobody asked for, which the client does not take': (run) => {
          const view = run.during('an answer nobody asked for');
          const arrived = view.segments({ from: 'server' }).filter(carries('data'));
          const closed = view.segments({ from: 'client' }).filter(carries('FIN', 'RST'));
          return [
            count('segments of the answer', 1, arrived),
            none('answers the client reports', view.client.output(), arrived),
            count('closes by the client', 1, closed.slice(0, 1)),
          ];
        },
        'of an answer that goes on, with news nobody asked for': limit((run) => {
          const { client, segments } = run.during('an answer that goes on');
          return none(
            'news the client heard',
            client.output().filter(({ text }) => text.includes('news')),
            segments(),
          );
        }, 'the news are part of an answer, which the article leaves to the server'),
      },
      'A server cannot begin an exchange; within an answer it may send when it likes ' +
        '(chunked, RFC 9112, section 7.1), which is what server-sent events do.',
    ),
  },
});
