// The ACK of a FIN may be missing on the wire, because the peer's own FIN brings it. How long does the kernel put that
// ACK off, so that it can?
import { acksAlone, closesInThree, contrast, experiment, finding, kernelTime, limit, type View } from '#finwait';

const tries = 20;
/** When the server closes once it has read the end of the stream, and what came before. Each way has its own port. */
const ways: Record<string, { port: number; data?: boolean; quick?: boolean; afterMs?: number }> = {
  'at once, no data before': { port: 50000 },
  'at once, data before': { port: 50001, data: true },
  'after 20 ms, no data before': { port: 50002, afterMs: 20 },
  'after 20 ms, data before': { port: 50003, data: true, afterMs: 20 },
  'after 100 ms, data before': { port: 50004, data: true, afterMs: 100 },
  'at once, TCP_QUICKACK set': { port: 50005, data: true, quick: true },
  'after 100 ms, TCP_QUICKACK set': { port: 50006, data: true, quick: true, afterMs: 100 },
  'at once, no data before, on the route': { port: 50007 },
  'at once, data before, on the route': { port: 50008, data: true },
};

export default experiment({
  title: 'The delayed ACK of a FIN',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 5,
  freeRun: true, // whether ACK or FIN leaves first is a race of timers, which the pauses of lockstep would decide

  async run({ client, server, stage }) {
    const app = await server.node();
    const browser = await client.node();
    for (const { port, afterMs, quick } of Object.values(ways)) {
      const listener = await app.listen(port, { allowHalfOpen: true });
      await listener.react({ on: 'end', do: 'end', afterMs });
      if (quick) await listener.react({ on: 'connection', do: 'setsockopt', args: ['IPPROTO_TCP', 'TCP_QUICKACK', 1] });
    }
    const close = async (port: number, data = false) => {
      const socket = await browser.connect(server, port);
      if (data) await socket.write('the last words');
      await socket.end();
      await socket.event('close');
    };

    await stage('the kernel as it is', { undisturbed: true }, async () => {
      // Alone: without data before it the ACK waits for the next tick only, and the server must be quicker.
      for (let done = 0; done < tries; done++) await close(50000);
      const others = Object.values(ways).slice(1, 7);
      const twice = [...others, ...others];
      for (let done = 0; done < tries; done += 2) await Promise.all(twice.map(({ port, data }) => close(port, data)));
    });
    await stage('a route without delayed ACK', { undisturbed: true }, async () => {
      await server.route('quickack', 1);
      for (let done = 0; done < tries; done++) await Promise.all([close(50007), close(50008, true)]);
    });
  },

  findings: {
    E3: finding(
      'The ACK between the two FINs may be missing because delayed ACK lets the FIN carry it',
      {
        'after data, where the ACK is delayed by 40 ms': (run) => [
          along(run, 'at once, data before', 0.5),
          along(run, 'after 20 ms, data before', 0.5),
          alone(run, 'after 100 ms, data before', kernelTime(40)),
        ],
        'without data, where it is delayed to the next tick': (run) => [
          along(run, 'at once, no data before', 0.01), // a race against that tick, 4 ms at 250 Hz
          alone(run, 'after 20 ms, no data before', [0, 15]),
        ],
        'with TCP_QUICKACK set on the socket before the FIN': limit(
          (run) => [
            along(run, 'at once, TCP_QUICKACK set', 0.5),
            alone(run, 'after 100 ms, TCP_QUICKACK set', kernelTime(40)),
          ],
          'the article asks for nothing, and the option is there to switch delayed ACK off',
        ),
        'on a route with quickack no ACK is delayed, and none is missing': contrast((run) => [
          alone(run, 'at once, data before, on the route', [0, 2]),
          alone(run, 'at once, no data before, on the route', [0, 2]),
        ]),
      },
      'tcp_fin() leaves quick-ACK mode, whatever TCP_QUICKACK says, so the delayed-ACK timer sends the ACK: after 40 ms (TCP_DELACK_MIN), or at the next tick where no data came before from which the delay is learnt (icsk_ack.ato). Only the quickack metric of a route overrides it.',
    ),
  },
});

/** In how many tries at least the server's FIN brings the ACK. A server slower than 36 ms was late: 40, less a tick. */
const along = (run: View, way: string, share: number) => closesInThree(closed(run, way), [share, 1], { withinMs: 36 });

/** It never does: the ACK leaves so many milliseconds after the FIN has come. */
const alone = (run: View, way: string, range: readonly [number, number]) => acksAlone(closed(run, way), range);

const closed = (run: View, way: string) => run.connections.filter(({ server }) => server.port === ways[way]?.port);
