// Keepalive has three times and a switch. What does a socket have that nobody asked for anything, and what does a
// helper of a language set? Go's is done here call by call; Node's is its own.
import { connected, equal, experiment, finding, limit, type NodeSocket, stays, type View } from '#finwait';

export default experiment({
  title: 'Who sets which of the times of keepalive',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const ask = async (socket: NodeSocket) => {
      await socket.getsockopt('SOL_SOCKET', 'SO_KEEPALIVE');
      for (const option of ['TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT'])
        await socket.getsockopt('IPPROTO_TCP', option);
    };

    await stage('nothing is set', async () => ask((await connected(client, server, 50000)).socket));

    await stage("Node's setKeepAlive(true, d)", async () => {
      const { socket } = await connected(client, server, 50001);
      await socket.setKeepAlive(true, 5000);
      await ask(socket);
    });

    await stage("as Go's SetKeepAlivePeriod(d) does it", async () => {
      const { socket } = await connected(client, server, 50002);
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
          const view = run.during('nothing is set');
          const [asked] = view.client.calls('getsockopt');
          return [
            equal('SO_KEEPALIVE', 0, asked?.returned?.value, [asked]),
            stays(view.connection().between(asked), 'client', 'ESTABLISHED', { timer: 'none' }),
          ];
        },
        "of idle time and interval set as Go's helper sets them": (run) =>
          helper(run, "as Go's SetKeepAlivePeriod(d) does it"),
        "of Node's helper, setKeepAlive(true, d)": limit(
          (run) => helper(run, "Node's setKeepAlive(true, d)"),
          'the article says it of Go',
        ),
      },
      "Node's setKeepAlive(true, d) sets d as the idle time, an interval of 1 s and 10 probes (documentation of socket.setKeepAlive, since 12.17 and 13.12).",
    ),
  },
});

/** Sets idle time and interval to the same, and leaves the count alone. */
const helper = (run: View, stage: string) => {
  const answers = (name: string) => run.during(name).client.calls('getsockopt').slice(1);
  const [idle, interval, count] = answers(stage).map(({ returned }) => returned?.value);
  const untouched = answers('nothing is set').at(-1)?.returned?.value;
  return equal(
    'seconds idle, seconds between, probes',
    [idle, idle, untouched],
    [idle, interval, count],
    answers(stage),
  );
};
