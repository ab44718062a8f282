// How many requests does an HTTP connection carry, and can a server say something that it was not asked?
import {
  all,
  carries,
  count,
  equal,
  experiment,
  finding,
  type Host,
  holds,
  limit,
  none,
  ownNode,
  type View,
} from '#finwait';

const program = (name: string) => `${import.meta.dirname}/programs/${name}.mjs`;
const files = ['/programs/http-client.mjs', '/programs/event-server.mjs', '/programs/websocket-accept.mjs'];
const answer = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

export default experiment({
  title: 'Requests per HTTP connection',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    for (const [index, version] of ['HTTP/1.0', 'HTTP/1.1'].entries()) {
      const port = 8000 + index;
      const options = ['--bind', server.address, '--directory', import.meta.dirname, '--protocol', version];
      const python = ['-u', '-m', 'http.server', ...options, String(port)];
      const http = await server.spawn('python3', python, { name: `http.server ${version}` });
      await http.output(/Serving HTTP/);
      const browser = await browse(client, server, port);
      await stage(`${version}, three requests`, async () => {
        for (const path of files) {
          await browser.input(`${path}\n`);
          await browser.output(new RegExp(`${path} ended`));
          await wire.quiet();
        }
      });
    }

    const app = await server.node();
    await (await app.listen(8002)).react({ on: 'data', do: 'write', args: [answer('asked for')] });
    const careful = await browse(client, server, 8002);
    await careful.input('/one\n');
    await careful.output(/ended/);
    await stage('an answer nobody asked for', async () => {
      const accepted = await app.accepted();
      await accepted.write(answer('not asked for'));
      await accepted.event('end'); // the client wants no more of it
    });

    const events = await server.spawn(ownNode, [program('event-server'), server.address, '8003'], { name: 'events' });
    await events.output(/listening/);
    const listener = await browse(client, server, 8003);
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

  findings: {
    D13: finding(
      'Over HTTP one connection carries one request, and only the client starts',
      {
        'with HTTP/1.0': (run) => onePerConnection(run, 'HTTP/1.0, three requests'),
        'with HTTP/1.1': (run) => onePerConnection(run, 'HTTP/1.1, three requests'),
        'of an answer nobody asked for, which the client does not take': (run) => {
          const view = run.during('an answer nobody asked for');
          const [arrived] = view.segments({ from: 'server', fate: 'delivered' }).filter(carries('data'));
          const closed = view.segments({ from: 'client' }).find(carries('FIN', 'RST'));
          return all(
            holds('it arrives', arrived?.text ?? 'nothing', arrived !== undefined, [arrived]),
            none('answers the client reports', view.client.output(), [arrived]),
            holds('the client closes the connection', closed?.text ?? 'no', closed !== undefined, [arrived, closed]),
          );
        },
        'of an answer that goes on, with news nobody asked for': limit((run) => {
          const view = run.during('an answer that goes on');
          const asked = requests(view);
          const heard = view.client.output().filter(({ text }) => text.includes('news'));
          return holds(
            'news of the server: one for each request at most, and that is taken up by its answer',
            `${heard.length} news of the server, ${asked.length} request`,
            heard.length === 0,
            [...asked, ...heard],
          );
        }, 'the news are part of an answer, which the article leaves to the server'),
      },
      'Connections are kept since HTTP/1.1 (RFC 9112, section 9.3). A server cannot begin an exchange; within an answer it may send when it likes ' +
        '(chunked, RFC 9112, section 7.1), which is what server-sent events do.',
    ),
  },
});

const browse = (client: Host, server: Host, port: number) =>
  client.spawn(ownNode, [program('http-client'), server.address, String(port)], { name: `http client ${port}` });

/** Segments that begin with a request line. */
const requests = (view: View) =>
  view
    .segments({ from: 'client' })
    .filter(({ payload = '', role }) => payload.startsWith('47455420') && role === undefined);

const onePerConnection = (run: View, stage: string) => {
  const view = run.during(stage);
  const asked = requests(view);
  const connections = new Set(asked.map(({ connection }) => connection));
  return all(
    count('requests', files.length, asked),
    count(
      'answers',
      files.length,
      view.client.output().filter(({ text }) => / 200: /.test(text)),
    ),
    equal('connections', files.length, connections.size, asked),
  );
};
