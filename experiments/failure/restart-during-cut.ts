// The cable is pulled, the server starts again, the cable is back. Does the client learn of it while it is idle, and
// what when it sends?
import {
  all,
  claim,
  control,
  endState,
  equal,
  experiment,
  failsWith,
  finding,
  holds,
  limit,
  none,
  sent,
  sequence,
  type View,
} from '#finwait';

export default experiment({
  title: 'The server starts again while the cable is pulled',
  article: 'disconnect-experiments',
  longestWaitSeconds: 8,
  retransmitAfterSeconds: 1, // far from what a segment takes on a busy machine
  timeoutSeconds: 300,

  async run({ client, server, wire, stage, observe, pace }) {
    const connectTo = async (port: number) => {
      const app = await server.node({ name: `server-${port}` });
      await app.listen(port);
      const browser = await client.node({ name: `client-${port}` });
      const socket = await browser.connect(server, port, { allowHalfOpen: true });
      return { app, socket, accepted: await app.accepted() };
    };
    const startAgain = async (port: number) => (await server.node({ name: `again-${port}` })).listen(port);
    /** Connect, pull the cable, do something to the server, start it again, put the cable back. */
    const restart = async (port: number, meanwhile: (old: Awaited<ReturnType<typeof connectTo>>) => Promise<void>) => {
      const old = await connectTo(port);
      await wire.cut();
      await meanwhile(old);
      await startAgain(port);
      await wire.restore();
      return old;
    };

    await stage('killed, the cable is back soon', async () => {
      const { socket } = await restart(50001, async ({ app }) => {
        const fin = wire.next(({ flags }) => flags.startsWith('F'));
        await app.kill('SIGKILL');
        await fin; // the first, lost like those after it
      });
      await socket.event('end'); // the kernel of the server sends its FIN again by itself
      await socket.write('anybody there?');
    });

    await stage('killed, the cable is back late', async () => {
      if (pace === 'quick') await server.sysctl('net.ipv4.tcp_orphan_retries', 1); // by default it tries for about 100 seconds
      const { socket } = await restart(50002, async ({ app }) => {
        await app.kill('SIGKILL');
        await server.untilGone({ localPort: 50002, timeoutMs: 200_000 }); // the kernel has given up
      });
      await observe(1000);
      await socket.write('anybody there?');
      await socket.event('close');
    });

    await stage('the machine lost power', async () => {
      const { socket } = await restart(50003, async ({ app, accepted }) => {
        await accepted.resetAndDestroy(); // what it sends is lost: the socket is gone without a word, as when a machine stops
        await app.kill('SIGKILL');
      });
      await observe(1000);
      await socket.write('anybody there?');
      await socket.event('close');
    });

    await stage('restarted while the cable is in', async () => {
      const { app } = await connectTo(50004);
      await app.kill('SIGKILL');
      await startAgain(50004);
    });
  },

  findings: {
    C7: finding(
      'Cable pulled, server restarted, cable back: the client still looks connected while idle; once it sends, the server answers RST and the connection dies',
      {
        "when the cable is back while the server's kernel still repeats its FIN": claim(
          (run) => stillConnected(run.during('killed, the cable is back soon')),
          'the article has the program restarted and says nothing of how long the cable is out',
        ),
        "when the cable is back after the server's kernel has given up its FIN": (run) => {
          const view = run.during('killed, the cable is back late');
          return all(stillConnected(view), diesWhenItSends(view));
        },
        'when the whole machine loses its sockets': limit((run) => {
          const view = run.during('the machine lost power');
          return all(stillConnected(view), diesWhenItSends(view));
        }, 'the article restarts the program, not the machine'),
        'without the cut the client learns at once': control((run) => {
          const connection = run.during('restarted while the cable is in').connection();
          const fin = connection.closing.find(sent('server'));
          const [heard] = connection.closingStates('client');
          return holds(
            'the FIN arrives, the client leaves ESTABLISHED',
            `${fin ? `${fin.text} ${fin.fate}` : 'no FIN'}, the client is in ${heard?.to ?? 'ESTABLISHED'}`,
            fin?.fate === 'delivered' && heard !== undefined,
            [fin, heard],
          );
        }, 'it shows that killing the server sends a FIN, and that a client which has heard of it is seen to'),
      },
      'The kernel keeps the orphan of a killed program and sends its FIN again after 0.2, 0.4, 0.8 … s, tcp_orphan_retries times, 8 by default ' +
        '(tcp_orphan_retries() in net/ipv4/tcp_timer.c): a cable that is back in time brings it. Only then does the article describe what is left.',
    ),
  },
});

/** From the return of the cable until the client sends, it is ESTABLISHED and nothing is on the wire. */
const stillConnected = (view: View) => {
  const [back] = view.operations('restore');
  const [write] = view.client.calls('write');
  const connection = view.connection();
  const arrived = connection.between(back, write).segments.filter(({ fate }) => fate === 'delivered');
  const [left] = connection.between(undefined, write).closingStates('client');
  return all(
    none('segments on the wire while the client is idle', arrived, [back, write]),
    equal('the idle client', 'ESTABLISHED', left?.from === 'ESTABLISHED' ? left.to : 'ESTABLISHED', [left, write]),
  );
};

/** Data, RST, ECONNRESET, CLOSED. */
const diesWhenItSends = (view: View) => {
  const [write] = view.client.calls('write');
  const connection = view.connection();
  const { segments } = connection.between(write);
  return all(
    sequence(segments.slice(0, 2), ['client P.', 'server R']),
    failsWith('ECONNRESET', connection.emits('client', 'error'), segments),
    endState(connection, 'client', 'CLOSED'),
  );
};
