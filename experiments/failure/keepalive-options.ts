// Keepalive has three times and a switch. What does a socket have that nobody asked for anything, and what does a
// helper of a language set? Go's is done here call by call; Node's is its own.
import { connected, equal, experiment, finding, limit, type NodeSocket, stays, type View } from '#finwait';

export default experiment({
  title: 'Who sets which of the times of keepalive',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const ask = async (socket: NodeSocket) => {
      await socket.getsockopt('SOL_SOCKET', 'SO_KEEPALIVE');
      for (const option of ['TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT'])
        await socket.getsockopt('IPPROTO_TCP', option);
    };
    const untouched = await connected(client, server, 50000);
    await ask(untouched.socket);

    const byNode = await connected(client, server, 50001);
    await byNode.socket.setKeepAlive(true, 5000);
    await ask(byNode.socket);

    const likeGo = await connected(client, server, 50002); // as its SetKeepAlivePeriod(d) does it
    await likeGo.socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
    await likeGo.socket.setsockopt('IPPROTO_TCP', 'TCP_KEEPINTVL', 5);
    await likeGo.socket.setsockopt('IPPROTO_TCP', 'TCP_KEEPIDLE', 5);
    await ask(likeGo.socket);
  },

  furtherCases: { C8: ['keepalive-options-go'] },
  findings: {
    C8: finding(
      "Keepalive is off unless asked for, and the language's helper (Go's) sets interval and idle time together but not the count",
      {
        'of a socket nobody has asked for keepalive': (run) => [
          equal('SO_KEEPALIVE', 0, answers(run, 50000)[0]?.returned?.value, answers(run, 50000)),
          stays(run.connectionTo(50000).between(answers(run, 50000)[0]), 'client', 'ESTABLISHED', { timer: 'none' }),
        ],
        "of idle time and interval set as Go's helper sets them": (run) => helper(run, 50002),
        "of Node's helper, setKeepAlive(true, d)": limit((run) => helper(run, 50001), 'the article says it of Go'),
      },
      "Node's setKeepAlive(true, d) sets d as the idle time, an interval of 1 s and 10 probes (documentation of socket.setKeepAlive, since 12.17 and 13.12).",
    ),
  },
});

/** Sets idle time and interval to the same, and leaves the count alone. */
const helper = (run: View, port: number) => {
  const [, idle, interval, count] = answers(run, port).map(({ returned }) => returned?.value);
  const untouched = answers(run, 50000).at(-1)?.returned?.value;
  return equal('seconds idle, between, probes', [idle, idle, untouched], [idle, interval, count], answers(run, port));
};

const answers = (run: View, port: number) => run.connectionTo(port).calls('client', 'getsockopt');
