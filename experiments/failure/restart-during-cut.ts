// The cable is pulled, the server starts again, the cable is back when nothing is left of the old connection there. Idle,
// the client learns nothing; once it sends, it gets a RST. `restart-cable-back-soon` has the cable back sooner.
import { connected, endState, experiment, failsWith, limit, neverLearns, sequence, staged, type View } from '#finwait';

export default experiment({
  title: 'The server starts again while the cable is pulled',
  article: 'disconnect-experiments',
  longestWaitSeconds: 8,
  retransmitAfterSeconds: 1, // far from what a segment takes on a busy machine
  timeoutSeconds: 300,

  async run({ client, server, wire, stage, observe, pace }) {
    const startAgain = async (port: number) => (await server.node()).listen(port);

    await stage("when the cable is back after the server's kernel has given up its FIN", async () => {
      if (pace === 'quick') await server.sysctl('net.ipv4.tcp_orphan_retries', 1); // by default it tries for about 100 s
      const { app, socket } = await connected(client, server, 50001);
      await wire.cut();
      await app.kill('SIGKILL');
      await server.untilGone({ localPort: 50001, timeoutMs: 200_000 });
      await startAgain(50001);
      await wire.restore();
      await observe(1000);
      await socket.write('anybody there?');
      await socket.event('close');
    });

    await stage('when the whole machine loses its sockets', async () => {
      const { app, socket, accepted } = await connected(client, server, 50002);
      await wire.cut();
      await accepted.resetAndDestroy(); // what it sends is lost: the socket is gone without a word, as when a machine stops
      await app.kill('SIGKILL');
      await startAgain(50002);
      await wire.restore();
      await observe(1000);
      await socket.write('anybody there?');
      await socket.event('close');
    });
  },

  furtherCases: { C7: ['restart-cable-back-soon'] },
  findings: {
    C7: staged(
      'Cable pulled, server restarted, cable back: the client still looks connected while idle; once it sends, the server answers RST and the connection dies',
      {
        "when the cable is back after the server's kernel has given up its FIN": (view) => [
          stillConnected(view),
          diesWhenItSends(view),
        ],
        'when the whole machine loses its sockets': limit(
          (view) => [stillConnected(view), diesWhenItSends(view)],
          'the article restarts the program, not the machine',
        ),
      },
      'The kernel keeps the orphan of a killed program and sends its FIN again after 0.2, 0.4, 0.8 … s, tcp_orphan_retries times, 8 by default ' +
        '(tcp_orphan_retries() in net/ipv4/tcp_timer.c): a cable that is back in time brings it. Only then does the article describe what is left.',
    ),
  },
});

/** From the return of the cable until the client sends. */
const stillConnected = (view: View) => {
  const [back] = view.operations('restore');
  const [write] = view.client.calls('write');
  return neverLearns(view.connection().between(back, write), 'client', back);
};

/** Data, RST, ECONNRESET, CLOSED. */
const diesWhenItSends = (view: View) => {
  const connection = view.connection();
  const { segments } = connection.between(view.client.calls('write')[0]);
  return [
    sequence(segments.slice(0, 2), ['client P.', 'server R']),
    failsWith('ECONNRESET', connection.emits('client', 'error'), segments),
    endState(connection, 'client', 'CLOSED'),
  ];
};
