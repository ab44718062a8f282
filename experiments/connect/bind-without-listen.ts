// A port that is only bound: nothing listens there, so the kernel answers a SYN with RST, and no socket is left. After
// listen() the same server accepts.
import { contrast, endState, experiment, failsWith, finding, limit, none, sequence } from '#finwait';

export default experiment({
  title: 'A server that has bound its port but does not listen',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const app = await server.raw();
    const bound = (await app.socket()).value;
    await app.bind(bound, 50000);
    const browser = await client.node();
    const refused = await browser.connect(server, 50000);
    await refused.event('close');

    await app.listen(bound, 5);
    const socket = await browser.connect(server, 50000);
    await socket.event('connect');
  },

  findings: {
    A1: finding(
      'A server that has only bound its port answers a connect with RST; the connect fails and neither end shows a connection',
      {
        'of the answer and the error': (run) => [
          sequence(run.connection().segments, ['client S', 'server R.']),
          failsWith('ECONNREFUSED', run.connection().emits('client', 'error')),
        ],
        'of what ss shows after the RST': (run) => {
          const { segments, between, rows } = run.connection();
          return [
            none('rows for the pair on the client', between(segments.at(-1)?.receivedAt).rows('client'), segments),
            none('rows for the pair on the server', rows('server'), segments),
          ];
        },
        'while the SYN is under way': limit(
          (run) => none('rows for the pair on the client', run.connection().rows('client'), run.connection().segments),
          'the article looks once the RST has come',
        ),
        'after listen() the same server completes the handshake': contrast((run) => [
          sequence(run.connection(1).handshake, ['client S', 'server S.', 'client .']),
          endState(run.connection(1), 'client', 'ESTABLISHED'),
        ]),
      },
    ),
  },
});
