// The close in three segments: the ACK of the first FIN travels with the second. It does where the peer closes before
// its kernel has sent that ACK by itself; `delayed-ack-of-fin` shows how long that takes.
import {
  all,
  type ConnectionView,
  contrast,
  elapsed,
  endState,
  equal,
  experiment,
  finding,
  holds,
  limit,
  sent,
  share,
  unknown,
  type View,
} from '#finwait';

const tries = 20;
const delayedAckMs = 40; // TCP_DELACK_MIN
const tickMs = 4; // at 250 Hz
/**
 * When the server closes once it has read the end of the stream, and what came before; whether states are asked for.
 * Each way has its own port.
 */
type Way = { port: number; data?: boolean; afterMs?: number; states?: true };
const ways: Record<string, Way> = {
  'at once, no data before': { port: 50000 },
  'at once, data before': { port: 50001, data: true, states: true },
  'after 20 ms': { port: 50002, data: true, afterMs: 20 },
  'after 100 ms': { port: 50003, data: true, afterMs: 100, states: true },
};

export default experiment({
  title: 'A close in three segments',
  article: 'close-variants',
  retransmitAfterSeconds: 5,
  freeRun: true, // whether ACK or FIN leaves first is a race of timers, which the pauses of lockstep would decide

  async run({ client, server, stage }) {
    const app = await server.node();
    const browser = await client.node();
    const close = async ({ port, data }: Way) => {
      const socket = await browser.connect(server, port);
      if (data) await socket.write('the last words');
      await socket.end();
      await socket.event('close');
    };

    for (const [name, way] of Object.entries(ways)) {
      // Node's default is to close as soon as it has read the end; with allowHalfOpen the application decides.
      const listener = await app.listen(way.port, { allowHalfOpen: way.afterMs !== undefined });
      if (way.afterMs !== undefined) await listener.react({ on: 'end', do: 'end', afterMs: way.afterMs });
      await stage(name, { undisturbed: !way.states }, async () => {
        // Without data before it the ACK waits for the next tick only, and the server must be quicker: one at a time. Else four.
        const atOnce = way.data ? 4 : 1;
        for (let done = 0; done < tries; done += atOnce)
          await Promise.all(Array.from({ length: atOnce }, () => close(way)));
      });
    }
  },

  findings: {
    B2: finding(
      'The second and third segment may merge: three segments on the wire, the same steps',
      {
        'when the peer closes at once': (run) =>
          all(
            inThree(run.during('at once, data before'), [0.5, 1], delayedAckMs),
            inThree(run.during('at once, no data before'), [0.01, 1], tickMs), // a race against the kernel's next tick
          ),
        'when the peer waits for less than a delayed ACK, 20 ms': limit(
          (run) => inThree(run.during('after 20 ms'), [0.5, 1], delayedAckMs),
          'the server of the article closes at once',
        ),
        'they do not merge where the peer waits for longer than a delayed ACK, 100 ms': contrast((run) =>
          inThree(run.during('after 100 ms'), [0, 0]),
        ),
        'for the steps: merged or not, both FINs are acknowledged and both ends get where four segments take them': (
          run,
        ) => all(sameSteps(run.during('at once, data before'), 3), sameSteps(run.during('after 100 ms'), 4)),
      },
      'The FIN carries the ACK where it leaves before the delayed-ACK timer runs out: 40 ms on a connection that has received data, the next tick (4 ms at 250 Hz) on one that has not.',
    ),
  },
});

/** FIN, FIN with the ACK of the first, ACK. */
const isThree = ({ closing }: ConnectionView) =>
  closing.map(({ from, flags }) => `${from} ${flags}`).join(', ') === 'client F., server F., client .' &&
  closing[1]?.ack === (closing[0]?.seq ?? 0) + 1;

/** `inTimeMs`: where the server is to be quicker than that and was not, because the machine is busy, the share says nothing. */
const inThree = ({ connections }: View, expected: readonly [number, number], inTimeMs = Number.POSITIVE_INFINITY) => {
  const merged = share(
    'three segments',
    expected,
    connections.map(isThree),
    connections.flatMap(({ closing }) => closing.slice(0, 2)),
  );
  const late = connections.filter((connection) => closedAfterMs(connection) > inTimeMs).length;
  return merged.outcome === 'failed' && late > 0 ? unknown(`the server closed late in ${late} tries`) : merged;
};

/** How long after the client's FIN the server's left. */
const closedAfterMs = ({ closing }: ConnectionView) =>
  elapsed({ at: closing[0]?.receivedAt ?? Number.NaN }, closing.find(sent('server', 'FIN')));

/** In the last close of so many segments the numbers are those of a four-way close, and so are the last states. */
const sameSteps = (view: View, segments: 3 | 4) => {
  const connection = view.connections.findLast((one) => isThree(one) === (segments === 3));
  if (!connection) return holds(`a close in ${segments} segments`, 'none', false, view.segments());
  const { closing } = connection;
  const [fin, last] = [closing.find(sent('server', 'FIN')), closing.at(-1)];
  const ends = [closing[0], fin].map((segment) => (segment?.seq ?? 0) + 1);
  return all(
    equal('the ACKs of both FINs', ends, [fin?.ack, last?.ack], closing),
    endState(connection, 'client', 'TIME-WAIT'),
    endState(connection, 'server', 'CLOSED'),
  );
};
