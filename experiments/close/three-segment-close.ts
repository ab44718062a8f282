// The close in three segments: the ACK of the first FIN travels with the second. It does where the peer closes before
// its kernel has sent that ACK by itself. `delayed-ack-of-fin` shows how long that takes.
import { carries, closesInThree, contrast, endStates, equal, experiment, finding, limit, type View } from '#finwait';

const tries = 20;
const delayedAck = { withinMs: 40 }; // TCP_DELACK_MIN
const tick = { withinMs: 4 }; // at 250 Hz

export default experiment({
  title: 'A close in three segments',
  article: 'close-variants',
  retransmitAfterSeconds: 5,
  freeRun: true, // whether ACK or FIN leaves first is a race of timers, which the pauses of lockstep would decide

  async run({ client, server, stage }) {
    const app = await server.node();
    const browser = await client.node();
    const close = async (port: number, words?: string) => {
      const socket = await browser.connect(server, port);
      if (words) await socket.write(words);
      await socket.end();
      await socket.event('close');
    };
    const closeAll = async (port: number) => {
      const four = () => Promise.all([1, 2, 3, 4].map(() => close(port, 'the last words')));
      for (let done = 0; done < tries; done += 4) await four();
    };

    // Node's default is to close as soon as it has read the end; with allowHalfOpen the application decides.
    await app.listen(50000);
    await stage('at once, no data before', { undisturbed: true }, async () => {
      for (let done = 0; done < tries; done++) await close(50000);
    });
    await stage('at once, data before', () => closeAll(50000));
    await (await app.listen(50001, { allowHalfOpen: true })).react({ on: 'end', do: 'end', afterMs: 20 });
    await stage('after 20 ms', { undisturbed: true }, () => closeAll(50001));
    await (await app.listen(50002, { allowHalfOpen: true })).react({ on: 'end', do: 'end', afterMs: 100 });
    await stage('after 100 ms', () => closeAll(50002));
  },

  findings: {
    B2: finding(
      'The second and third segment may merge: three segments on the wire, the same steps',
      {
        'when the peer closes at once': (run) => [
          closesInThree(run.during('at once, data before').connections, [0.5, 1], delayedAck),
          closesInThree(run.during('at once, no data before').connections, [0.01, 1], tick), // a race against the kernel's
        ],
        'when the peer waits for less than a delayed ACK, 20 ms': limit(
          (run) => closesInThree(run.during('after 20 ms').connections, [0.5, 1], delayedAck),
          'the server of the article closes at once',
        ),
        'they do not merge where the peer waits for longer than a delayed ACK, 100 ms': contrast((run) =>
          closesInThree(run.during('after 100 ms').connections, [0, 0]),
        ),
        'for the steps: merged or not, both FINs are acknowledged and both ends get where four segments take them': (
          run,
        ) => [sameSteps(run.during('at once, data before'), 3), sameSteps(run.during('after 100 ms'), 4)],
      },
      'The FIN carries the ACK where it leaves before the delayed-ACK timer runs out: 40 ms on a connection that has received data, the next tick (4 ms at 250 Hz) on one that has not.',
    ),
  },
});

/** In the last close of so many segments the ACKs cover both FINs, and the last states are those of a four-way close. */
const sameSteps = ({ connections }: View, segments: 3 | 4) => {
  const connection = connections.findLast(({ closing }) => closing.length === segments);
  if (!connection) throw new Error(`no close took ${segments} segments`);
  const { closing } = connection;
  const [first, second] = closing.filter(carries('FIN'));
  const covered = [first, second].map((fin) => (fin?.seq ?? Number.NaN) + 1);
  return [
    equal('the ACKs of both FINs', covered, [closing[1]?.ack, closing.at(-1)?.ack], closing),
    endStates(connection, { client: 'TIME-WAIT', server: 'CLOSED' }),
  ];
};
