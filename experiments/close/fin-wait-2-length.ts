// Only the client has closed. Its FIN-WAIT-2 goes away by itself, as soon as tcp_fin_timeout says; the server's
// CLOSE-WAIT has no timer and stays. Two values of the setting, and a client that keeps its descriptor.
import { experiment, lasts, limit, listenOn, staged, stays, type View } from '#finwait';

const finTimeout = 'net.ipv4.tcp_fin_timeout';

export default experiment({
  title: 'FIN-WAIT-2 goes away, CLOSE-WAIT stays',
  article: 'connection-states',
  longestWaitSeconds: 8,

  async run({ client, server, stage, observe, pace }) {
    const app = await server.raw();
    const listener = await listenOn(app, 50000);
    const browser = await client.node();
    const [longer, shorter] = pace === 'article' ? [60, 30] : [3, 2]; // seconds
    const closeAndWait = async (seconds: number) => {
      await client.sysctl(finTimeout, seconds);
      const socket = await browser.connect(server, 50000);
      await app.accept(listener);
      await socket.destroy(); // close(2): nobody holds the socket any more
      await client.untilGone({ peerPort: 50000 });
      await observe(200);
    };
    await stage('with the longer of two values of it', () => closeAndWait(longer));
    await stage('with the shorter of two values of it', () => closeAndWait(shorter));
    await stage('when the client has only shut down its write side and keeps its descriptor', async () => {
      await client.sysctl(finTimeout, shorter);
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      await app.accept(listener);
      await socket.end(); // shutdown(SHUT_WR)
      await observe(1500 * shorter, { everyMs: 500 });
    });
  },

  findings: {
    A7: staged("The client's FIN-WAIT-2 disappears after tcp_fin_timeout; the server's CLOSE-WAIT stays", {
      'with the longer of two values of it': (view) => onlyOneGoes(view),
      'with the shorter of two values of it': (view) => onlyOneGoes(view),
      'when the client has only shut down its write side and keeps its descriptor': limit(
        (view) => onlyOneGoes(view),
        'the client of the article calls close()',
      ),
    }),
  },
});

const onlyOneGoes = (view: View) => {
  const connection = view.connection();
  const [, waiting] = connection.closingStates('client');
  return [
    lasts(connection, 'client', 'FIN-WAIT-2', 1000 * Number(view.client.setting(finTimeout)?.value)),
    stays(connection.between(waiting), 'server', 'CLOSE-WAIT', { timer: 'none' }),
  ];
};
