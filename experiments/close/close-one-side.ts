// The client closes, the server does not: FIN-WAIT-2 here, CLOSE-WAIT there. Which of the two goes away by itself,
// when, and what keeps it?
import {
  all,
  equal,
  experiment,
  finding,
  holds,
  kernelTime,
  limit,
  listenOn,
  sequence,
  type View,
  within,
} from '#finwait';

const port = 50000;
const finTimeout = 'net.ipv4.tcp_fin_timeout';

export default experiment({
  title: 'Only the client closes',
  article: 'connection-states',
  longestWaitSeconds: 8,

  async run({ client, server, stage, observe, pace }) {
    const app = await server.raw();
    const listener = await listenOn(app, port);
    const browser = await client.node();
    const [longer, shorter] = pace === 'article' ? [60, 30] : [3, 2]; // seconds
    const close = async (seconds: number) => {
      await client.sysctl(finTimeout, seconds);
      const socket = await browser.connect(server, port);
      const connection = (await app.accept(listener)).value;
      await socket.destroy(); // close(2): the socket becomes an orphan
      return connection;
    };

    await stage('tcp_fin_timeout longer', async () => {
      const connection = await close(longer);
      await app.recv(connection, 100); // returns 0: the server has read the EOF
      await client.untilGone({ peerPort: port });
      await observe(200);
    });
    await stage('tcp_fin_timeout shorter', async () => {
      await close(shorter);
      await client.untilGone({ peerPort: port });
      await observe(200);
    });
    await stage('the client keeps its descriptor', async () => {
      const socket = await browser.connect(server, port, { allowHalfOpen: true });
      await app.accept(listener);
      await socket.end(); // shutdown(SHUT_WR), the descriptor stays open
      await observe(1500 * shorter, { everyMs: 500 });
    });
  },

  findings: {
    A6: finding(
      'The client closes, the server does not: FIN, ACK; the client is in FIN-WAIT-2, the server in CLOSE-WAIT with Recv-Q 1',
      {
        'when the server has not read the end of the stream': (run) =>
          closedByOne(run.during('tcp_fin_timeout shorter')),
        'when the server has read the end of the stream, which empties Recv-Q': limit((run) => {
          const view = run.during('tcp_fin_timeout longer');
          return closedByOne(view, view.server.calls('recv')[0]?.returned?.at);
        }, "Recv-Q 1 stands only in the article's listing of ss, of a server that had not read"),
      },
    ),
    A7: finding("The client's FIN-WAIT-2 disappears after tcp_fin_timeout; the server's CLOSE-WAIT stays", {
      'with the longer of two values of it': (run) => expires(run, 'tcp_fin_timeout longer'),
      'with the shorter of two values of it': (run) => expires(run, 'tcp_fin_timeout shorter'),
      'when the client has only shut down its write side and keeps its descriptor': limit(
        (run) => expires(run, 'the client keeps its descriptor'),
        'the client of the article calls close()',
      ),
    }),
  },
});

/** The two segments, the two states, and one byte in Recv-Q of the server from a moment on. */
const closedByOne = (view: View, from?: number) => {
  const connection = view.connection();
  const waiting = connection.states('client').filter(({ to }) => to === 'FIN-WAIT-2');
  const server = connection.between(from).rows('server').at(-1);
  return all(
    sequence(connection.closing, ['client F.', 'server .']),
    equal('client', 'FIN-WAIT-2', waiting[0]?.to, waiting),
    equal('server', 'CLOSE-WAIT', server?.row.state, [server]),
    equal('Recv-Q', 1, server?.row.recvQ, [server]),
  );
};

/** FIN-WAIT-2 lasts what tcp_fin_timeout says, and CLOSE-WAIT is still there afterwards, without a timer. */
const expires = (run: View, stage: string) => {
  const connection = run.during(stage).connection();
  const waiting = connection.states('client').find(({ to }) => to === 'FIN-WAIT-2');
  const seconds = Number(run.between(undefined, waiting).client.setting(finTimeout)?.value);
  const milliseconds = (waiting?.dwell ?? Number.POSITIVE_INFINITY) / 1e6;
  const { row, ...sample } = connection.row('server');
  return all(
    within(`FIN-WAIT-2 with tcp_fin_timeout ${seconds}`, kernelTime(seconds * 1000), milliseconds, 'ms', [waiting]),
    holds(
      'the server stays in CLOSE-WAIT, no timer armed',
      `the server is in ${row.state}, ${row.timer ? `timer ${row.timer.name}` : 'no timer armed'}`,
      row.state === 'CLOSE-WAIT' && row.timer === undefined,
      [sample],
    ),
  );
};
