// A port that is only bound: nothing listens there, so the kernel answers a SYN with RST. The same server after listen() accepts.
import { contrast, endState, experiment, failsWith, finding, limit, none, sequence } from '#finwait';

export default experiment({
  title: 'A server that has bound its port but does not listen',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.raw();
    const bound = (await app.socket()).value;
    const browser = await client.node();

    await stage('bound only', async () => {
      await app.bind(bound, 50000);
      const socket = await browser.connect(server, 50000);
      await socket.event('close');
    });

    await stage('listening', async () => {
      await app.listen(bound, 5);
      const socket = await browser.connect(server, 50000);
      await socket.event('connect');
    });
  },

  findings: {
    A1: finding(
      'A server that has only bound its port answers a connect with RST; the connect fails and neither end shows a connection',
      {
        'of the answer and the error': (run) => {
          const connection = run.during('bound only').connection();
          return [
            sequence(connection.segments, ['client S', 'server R.']),
            failsWith('ECONNREFUSED', connection.emits('client', 'error')),
          ];
        },
        'of what ss shows after the RST': (run) => {
          const { segments, between, rows } = run.during('bound only').connection();
          const reset = segments.at(-1);
          return [
            none('rows for the pair on the client', between(reset?.receivedAt).rows('client'), [reset]),
            none('rows for the pair on the server', rows('server'), [reset]),
          ];
        },
        'while the SYN is under way': limit((run) => {
          const { segments, rows } = run.during('bound only').connection();
          return none('rows for the pair on the client', rows('client'), segments);
        }, 'the article looks once the RST has come'),
        'after listen() the same server completes the handshake': contrast((run) => {
          const connection = run.during('listening').connection();
          return [
            sequence(connection.handshake, ['client S', 'server S.', 'client .']),
            endState(connection, 'client', 'ESTABLISHED'),
          ];
        }),
      },
    ),
  },
});
