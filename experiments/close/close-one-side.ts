// The client closes, the server does not: FIN-WAIT-2 here, CLOSE-WAIT there. Which of the two goes away by itself, when, and what keeps it?
import { all, equal, experiment, finding, holds, kernelTime, sequence, type View, within } from '#finwait';

const port = 50000;

export default experiment({
  title: 'Only the client closes',
  article: 'connection-states',
  longestWaitSeconds: 8,

  async run({ client, server, stage, observe, pace }) {
    const app = await server.raw();
    const listener = (await app.socket()).value;
    await app.bind(listener, port);
    await app.listen(listener, 5);
    const browser = await client.node();
    const settings = pace === 'article' ? [60, 30] : [3, 2];

    for (const [index, seconds] of settings.entries()) {
      await stage(`tcp_fin_timeout ${index === 0 ? 'longer' : 'shorter'}`, async () => {
        await client.sysctl('net.ipv4.tcp_fin_timeout', seconds);
        const socket = await browser.connect(server, port);
        const connection = (await app.accept(listener)).value;
        await socket.destroy(); // close(2): the socket becomes an orphan
        if (index === 0) {
          await app.recv(connection, 100); // returns 0: the server has read the EOF
        }
        await client.untilGone({ peerPort: port });
        await observe(200);
      });
    }

    await stage('the client keeps its descriptor', async () => {
      const socket = await browser.connect(server, port, { allowHalfOpen: true });
      await app.accept(listener);
      await socket.end(); // shutdown(SHUT_WR), the descriptor stays open
      await observe(1500 * (settings[1] as number), { everyMs: 500 });
    });
  },

  findings: {
    A6: finding(
      'The client closes, the server does not: FIN, ACK; the client is in FIN-WAIT-2, the server in CLOSE-WAIT with Recv-Q 1',
      {
        'the server has not read the end of the stream': (run) => closedByOne(run.during('tcp_fin_timeout shorter'), 1),
        'the server has read the end of the stream': (run) => {
          const view = run.during('tcp_fin_timeout longer');
          return closedByOne(view.between(view.server.calls('recv').at(0)?.returned?.at), 1, view);
        },
      },
    ),
    A7: finding("The client's FIN-WAIT-2 disappears after tcp_fin_timeout; the server's CLOSE-WAIT stays", {
      'tcp_fin_timeout, the longer of two': (run) => expires(run.during('tcp_fin_timeout longer')),
      'tcp_fin_timeout, the shorter of two': (run) => expires(run.during('tcp_fin_timeout shorter')),
      'the client has only shut down its write side': (run) =>
        expires(run.during('the client keeps its descriptor'), run),
    }),
  },
});

/** The two segments, the two states, and how many bytes Recv-Q of the server shows in `view`. */
const closedByOne = (view: View, recvQ: number, whole = view) => {
  const connection = whole.connection();
  const client = connection.states('client').filter(({ to }) => to === 'FIN-WAIT-2');
  const server = view.server.rows(({ state, peer }) => state === 'CLOSE-WAIT' && peer.port === connection.client.port);
  return all(
    sequence(connection.closing, ['client F.', 'server .']),
    equal('client', 'FIN-WAIT-2', client[0]?.to, client),
    equal('server', 'CLOSE-WAIT', server.at(-1)?.row.state, server.slice(-1)),
    equal('Recv-Q', recvQ, server.at(-1)?.row.recvQ, server.slice(-1)),
  );
};

/** FIN-WAIT-2 lasts what tcp_fin_timeout says, and CLOSE-WAIT is still there afterwards, without a timer. */
const expires = (view: View, settings = view) => {
  const connection = view.connection();
  const setting = settings.client.calls('sysctl').at(-1);
  const seconds = Number(setting?.args[1]);
  const waiting = connection.states('client').filter(({ to }) => to === 'FIN-WAIT-2');
  const milliseconds = (waiting[0]?.dwell ?? Number.POSITIVE_INFINITY) / 1e6;
  const server = connection.row('server');
  return all(
    within(`FIN-WAIT-2 with tcp_fin_timeout ${seconds}`, kernelTime(seconds * 1000), milliseconds, 'ms', waiting),
    holds(
      'the server stays in CLOSE-WAIT, no timer armed',
      `the server is in ${server.row.state}, ${server.row.timer ? `timer ${server.row.timer.name}` : 'no timer armed'}`,
      server.row.state === 'CLOSE-WAIT' && server.row.timer === undefined,
      [server],
    ),
  );
};
