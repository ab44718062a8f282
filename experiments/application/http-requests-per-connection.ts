// How many requests does an HTTP connection carry? One with HTTP/1.0; with HTTP/1.1 as many as the client has. Whether a
// server can say something that it was not asked is the question of `http-unasked-answer`.
import { count, equal, experiment, ownNode, staged, type View } from '#finwait';

const files = ['/programs/http-client.mjs', '/programs/event-server.mjs', '/programs/websocket-accept.mjs'];

export default experiment({
  title: 'Requests per HTTP connection',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    for (const [version, port] of [
      ['HTTP/1.0', 8000],
      ['HTTP/1.1', 8001],
    ] as const) {
      const options = ['--bind', server.address, '--directory', import.meta.dirname, '--protocol', version, `${port}`];
      const http = await server.spawn('python3', ['-u', '-m', 'http.server', ...options], { name: version });
      await http.output(/Serving HTTP/);
      const program = `${import.meta.dirname}/programs/http-client.mjs`;
      const browser = await client.spawn(ownNode, [program, server.address, `${port}`], { name: `client ${version}` });
      await stage(`with ${version}`, async () => {
        for (const path of files) {
          await browser.input(`${path}\n`);
          await browser.output(new RegExp(`${path} ended`));
          await wire.quiet();
        }
      });
    }
  },

  furtherCases: { D13: ['http-unasked-answer'] },
  findings: {
    D13: staged(
      'Over HTTP one connection carries one request, and only the client starts',
      {
        'with HTTP/1.0': (view) => onePerConnection(view),
        'with HTTP/1.1': (view) => onePerConnection(view),
      },
      'Connections are kept since HTTP/1.1 (RFC 9112, section 9.3).',
    ),
  },
});

const onePerConnection = (view: View) => {
  const asked = view.segments({ from: 'client' }).filter(({ payload = '', role }) => payload.startsWith(get) && !role);
  const answers = view.client.output().filter(({ text }) => / 200: /.test(text));
  return [
    count('requests', files.length, asked),
    count('answers', files.length, answers),
    equal('connections', files.length, new Set(asked.map(({ connection }) => connection)).size, asked),
  ];
};

const get = Buffer.from('GET ').toString('hex');
