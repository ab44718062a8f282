// Data was sent and lost when the client calls shutdown(). Is it still waited for, and sent again? Once it is lost
// before the call alone, once twice more after it.
import { bytesOf, carries, connectTo, contrast, equal, experiment, finding, listenOn, none, type View } from '#finwait';

/** Four of them; each is a case as well. */
const stages = ['SHUT_WR', 'SHUT_RDWR'].flatMap((how) => [
  `of data lost before ${how}`,
  `of data lost before ${how} and twice after it`,
]);

export default experiment({
  title: 'The client shuts down its sending side after data was lost',
  article: 'connection-states',

  async run({ client, server, wire, stage }) {
    const app = await server.raw();
    const listener = await listenOn(app, 50000);
    const caller = await client.raw();

    for (const name of stages) {
      await stage(name, async () => {
        const socket = await connectTo(caller, server, 50000);
        const accepted = (await app.accept(listener)).value;
        const stop = await wire.drop(carries('data'), { from: 'client' });
        await caller.send(socket, 'the last words');
        await caller.shutdown(socket, name.includes('SHUT_WR') ? 'SHUT_WR' : 'SHUT_RDWR');
        if (name.endsWith('twice after it')) await wire.drop(carries('data'), { from: 'client', times: 2 });
        await stop();
        while ((await app.recv(accepted, 100)).value > 0);
        await app.close(accepted);
      });
    }
  },

  findings: {
    A16: finding(
      'After SHUT_WR unacknowledged data is no longer waited for nor retransmitted',
      {
        ...Object.fromEntries(stages.map((name) => [name, (run: View) => isForgotten(run.during(name))])),
        'it is sent again until the server has it, and the server reads all of it': contrast((run) =>
          stages.map((name) => arrives(run.during(name))),
        ),
      },
      'The retransmission timer goes on in FIN-WAIT-1 as in ESTABLISHED (RFC 9293, section 3.6).',
    ),
  },
});

/** No retransmission of the data after shutdown(), and nothing for the server to read. */
const isForgotten = (view: View) => {
  const { shutdown, again } = afterLoss(view);
  const reads = view.server.reads();
  return [
    none('retransmissions of the data after it', again, [shutdown]),
    equal('bytes the server reads', 0, bytesOf(reads), [shutdown, ...reads]),
  ];
};

const arrives = (view: View) => {
  const { again } = afterLoss(view);
  const reads = view.server.reads();
  return equal('bytes the server reads', 'the last words'.length, bytesOf(reads), [...again.slice(-1), ...reads]);
};

const afterLoss = (view: View) => {
  const [shutdown] = view.client.calls('shutdown');
  const lost = view.between(undefined, shutdown).segments({ from: 'client', fate: 'dropped' });
  if (lost.length === 0) throw new Error('no data was lost before shutdown()');
  const again = view.connection().between(shutdown).retransmissions('client').filter(carries('data'));
  return { shutdown, again };
};
