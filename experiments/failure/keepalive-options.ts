// Keepalive has three times and a switch. What does a socket have that nobody asked for anything, and what does a
// helper of a language set?
import { all, equal, experiment, finding, limit, type NodeSocket, type View } from '#finwait';

const untouched = 'nothing is set';
const node = "Node's setKeepAlive(true, d)";
const likeGo = "as Go's SetKeepAlivePeriod(d) does it";

export default experiment({
  title: 'Who sets which of the times of keepalive',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000);
    const browser = await client.node();
    const ask = async (socket: NodeSocket) => {
      await socket.getsockopt('SOL_SOCKET', 'SO_KEEPALIVE');
      for (const option of ['TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT'])
        await socket.getsockopt('IPPROTO_TCP', option);
    };

    await stage(untouched, async () => ask(await browser.connect(server, 50000)));
    await stage(node, async () => {
      const socket = await browser.connect(server, 50000);
      await socket.setKeepAlive(true, 5000);
      await ask(socket);
    });
    await stage(likeGo, async () => {
      const socket = await browser.connect(server, 50000);
      await socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
      await socket.setsockopt('IPPROTO_TCP', 'TCP_KEEPINTVL', 5);
      await socket.setsockopt('IPPROTO_TCP', 'TCP_KEEPIDLE', 5);
      await ask(socket);
    });
  },

  findings: {
    C8: finding(
      "Keepalive is off unless asked for, and the language's helper (Go's) sets interval and idle time together but not the count",
      {
        'of a socket nobody has asked for keepalive': (run) => {
          const view = run.during(untouched);
          const [asked] = view.client.calls('getsockopt');
          const { row, ...sample } = view.connection().row('client');
          return all(
            equal('SO_KEEPALIVE', 0, asked?.returned?.value, [asked]),
            equal('timer', 'none', row.timer?.name ?? 'none', [sample]),
          );
        },
        "of idle time and interval set as Go's helper sets them": (run) => helper(run, likeGo),
        "of Node's helper, setKeepAlive(true, d)": limit((run) => helper(run, node), 'the article says it of Go'),
      },
      "Node's setKeepAlive(true, d) sets d as the idle time, an interval of 1 s and 10 probes (documentation of socket.setKeepAlive, since 12.17 and 13.12).",
    ),
  },
});

/** Sets idle time and interval to the same, and leaves the count alone. */
const helper = (run: View, stage: string) => {
  const [before, after] = [untouched, stage].map((one) => run.during(one).client.calls('getsockopt').slice(1));
  const [count] = (before ?? []).slice(-1).map(({ returned }) => returned?.value);
  const values = (after ?? []).map(({ returned }) => returned?.value);
  const expected = [values[0], values[0], count];
  return equal('seconds idle, seconds between, probes', expected, values, [...(before ?? []), ...(after ?? [])]);
};
