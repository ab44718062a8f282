// The ACK of a FIN may be missing on the wire, because the peer's own FIN brings it. How long does the kernel put that
// ACK off, so that it can?
import {
  all,
  contrast,
  elapsed,
  experiment,
  finding,
  kernelTime,
  limit,
  type SegmentEvent,
  sent,
  share,
  unknown,
  type View,
  within,
} from '#finwait';

const tries = 20;
/** When the server closes once it has read the end of the stream, and what came before. Each way has its own port. */
type Way = { port: number; data?: boolean; quick?: boolean; afterMs?: number };
const ways = {
  'at once, no data before': { port: 50000 },
  'at once, data before': { port: 50001, data: true },
  'after 20 ms, no data before': { port: 50002, afterMs: 20 },
  'after 20 ms, data before': { port: 50003, data: true, afterMs: 20 },
  'after 100 ms, data before': { port: 50004, data: true, afterMs: 100 },
  'at once, TCP_QUICKACK set': { port: 50005, data: true, quick: true },
  'after 100 ms, TCP_QUICKACK set': { port: 50006, data: true, quick: true, afterMs: 100 },
} satisfies Record<string, Way>;
type WayName = keyof typeof ways;

/** A server that closes later than this has not closed before the delayed ACK of 40 ms was due, a tick earlier at the soonest. */
const inTimeMs = 36;

/** In which share of the tries the ACK travels along. */
const mostly = [0.5, 1] as const;
const sometimes = [0.01, 1] as const; // a race against the kernel's next tick, 4 ms at 250 Hz
const never = [0, 0] as const;

const asItIs = 'the kernel as it is';
const quickRoute = 'a route without delayed ACK';

export default experiment({
  title: 'The delayed ACK of a FIN',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 5,
  freeRun: true, // whether ACK or FIN leaves first is a race of timers, which the pauses of lockstep would decide

  async run({ client, server, stage }) {
    const app = await server.node();
    const browser = await client.node();
    for (const { port, afterMs, quick } of Object.values<Way>(ways)) {
      // Node's default is to close as soon as it has read the end; with allowHalfOpen the application decides.
      const listener = await app.listen(port, { allowHalfOpen: afterMs !== undefined });
      if (afterMs !== undefined) await listener.react({ on: 'end', do: 'end', afterMs });
      if (quick) await listener.react({ on: 'connection', do: 'setsockopt', args: ['IPPROTO_TCP', 'TCP_QUICKACK', 1] });
    }
    const close = async ({ port, data }: Way) => {
      const socket = await browser.connect(server, port);
      if (data) await socket.write('the last words');
      await socket.end();
      await socket.event('close');
    };
    const twice = (some: Way[]) => some.flatMap((way) => [way, way]);
    const [first, second, ...others] = Object.values<Way>(ways) as [Way, Way, ...Way[]];

    await stage(asItIs, { undisturbed: true }, async () => {
      // The first alone: without data before it the ACK waits for the next tick only, and the server must be quicker.
      for (let again = 0; again < tries; again++) await close(first);
      for (let done = 0; done < tries; done += 2) await Promise.all(twice([second, ...others]).map(close));
    });
    await stage(quickRoute, { undisturbed: true }, async () => {
      await server.route('quickack', 1);
      for (let done = 0; done < tries; done += 2) await Promise.all(twice([first, second]).map(close));
    });
  },

  findings: {
    E3: finding(
      'The ACK between the two FINs may be missing because delayed ACK lets the FIN carry it',
      {
        'after data, where the ACK is delayed by 40 ms': (run) =>
          closes(run, {
            'at once, data before': { along: mostly },
            'after 20 ms, data before': { along: mostly },
            'after 100 ms, data before': { aloneAfter: kernelTime(40) },
          }),
        'without data, where it is delayed to the next tick': (run) =>
          closes(run, {
            'at once, no data before': { along: sometimes },
            'after 20 ms, no data before': { aloneAfter: [0, 15] },
          }),
        'with TCP_QUICKACK set on the socket before the FIN': limit(
          (run) =>
            closes(run, {
              'at once, TCP_QUICKACK set': { along: mostly },
              'after 100 ms, TCP_QUICKACK set': { aloneAfter: kernelTime(40) },
            }),
          'the article asks for nothing, and the option is there to switch delayed ACK off',
        ),
        'on a route with quickack no ACK is delayed, and none is missing': contrast((run) => {
          const atOnce = { aloneAfter: [0, 2] } as const;
          return closes(run, { 'at once, data before': atOnce, 'at once, no data before': atOnce }, quickRoute);
        }),
      },
      'tcp_fin() leaves quick-ACK mode, whatever TCP_QUICKACK says, so the delayed-ACK timer sends the ACK: after 40 ms (TCP_DELACK_MIN), or at the next tick where no data came before from which the delay is learnt (icsk_ack.ato). Only the quickack metric of a route overrides it.',
    ),
  },
});

/**
 * In which share of the tries the ACK travels along with the server's FIN; or that it never does, and leaves so many ms
 * after the client's.
 */
type Expected = { along: readonly [number, number] } | { aloneAfter: readonly [number, number] };

const closes = (run: View, expected: Partial<Record<WayName, Expected>>, stage = asItIs) =>
  all(
    ...Object.entries(expected).flatMap(([way, range]) => {
      const tries = triesOf(run, way as WayName, stage);
      const along = tries.map(({ first, alone, fin }) => alone === undefined && fin.ack === first.seq + 1);
      const fins = tries.map(({ fin }) => fin);
      const merged = share(`closed ${way}: three segments`, 'along' in range ? range.along : never, along, fins);
      if ('along' in range) {
        const late = tries.filter(({ first, fin }) => !closedInTime(first, fin)).length;
        return [merged.outcome === 'failed' && late > 0 ? unknown(`closed ${way}: late in ${late} tries`) : merged];
      }
      const delays = tries.map(({ ms }) => ms).sort((a, b) => a - b);
      const median = delays[delays.length >> 1] ?? Number.NaN;
      const acks = tries.map(({ alone }) => alone);
      return [
        merged,
        within(`closed ${way}: the ACK alone, median`, range.aloneAfter, median, 'ms after the FIN', acks),
      ];
    }),
  );

const closedInTime = ({ receivedAt = Number.NaN }: SegmentEvent, fin: SegmentEvent) =>
  elapsed({ at: receivedAt }, fin) < inTimeMs;

/** Try by try, the client's FIN, the ACK that left alone, where one did, and the server's FIN. */
const triesOf = (run: View, way: WayName, stage = asItIs) => {
  const connections = run.during(stage).connections.filter(({ server }) => server.port === ways[way].port);
  return connections.map((connection) => {
    const [first, ...rest] = connection.closing;
    const fin = rest.find(sent('server', 'FIN'));
    if (first?.receivedAt === undefined || !fin) throw new Error(`a connection closed ${way} was not closed`);
    const alone = rest.find(({ from, ack, at }) => from === 'server' && ack > first.seq && at < fin.at);
    return { connection, first, alone, fin, ms: elapsed({ at: first.receivedAt }, alone) };
  });
};
