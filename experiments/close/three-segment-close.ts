// The close in three segments: the ACK of the first FIN travels with the second. It does where the peer closes before its kernel has sent
// that ACK by itself, so the question is how long the kernel puts it off.
import { all, equal, experiment, finding, kernelTime, sequence, share, states, type View, within } from '#finwait';

/** When the server closes once it has read the end of the stream, and what came before. Each way has its own port. */
type Way = { port: number; data?: boolean; quick?: boolean; afterMs?: number };
const ways = {
  'closed at once, no data before': { port: 50000 },
  'closed at once, data before': { port: 50001, data: true },
  'closed after 20 ms, no data before': { port: 50002, afterMs: 20 },
  'closed after 20 ms, data before': { port: 50003, data: true, afterMs: 20 },
  'closed after 100 ms, data before': { port: 50004, data: true, afterMs: 100 },
  'closed at once, TCP_QUICKACK set': { port: 50005, data: true, quick: true },
  'closed after 100 ms, TCP_QUICKACK set': { port: 50006, data: true, quick: true, afterMs: 100 },
} satisfies Record<string, Way>;

export default experiment({
  title: 'A close in three segments',
  article: ['close-variants', 'tcpdump-observation'],
  freeRun: true, // whether ACK or FIN leaves first is a race of timers, which the pauses of lockstep would decide

  async run({ client, server, wire, stage }) {
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
    const [first, second, ...others] = Object.values<Way>(ways) as [Way, Way, ...Way[]];

    await stage('the kernel as it is', async () => {
      // The first alone: without data before it the ACK waits for the next tick only, and the server must be quicker.
      for (let again = 0; again < 20; again++) await close(first);
      for (let again = 0; again < 10; again++) await Promise.all([second, ...others].map(close));
    });
    await stage('a route without delayed ACK', async () => {
      await server.route('quickack', 1);
      for (let again = 0; again < 10; again++) await Promise.all([first, second].map(close));
      await server.route('quickack', 0);
    });
    await wire.lockstep();
    const patient = await server.node({ name: 'patient-server' });
    await patient.listen(50010, { allowHalfOpen: true });
    const closeInTurn = async () => {
      const socket = await browser.connect(server, 50010);
      const accepted = await patient.accepted();
      await socket.end();
      await accepted.end();
    };
    await stage('FIN and ACK arrive together', async () => {
      // The ACK that leaves alone is lost, so the FIN brings it.
      const stop = await wire.drop(({ flags, ack }) => flags === '.' && ack === 2, { from: 'server' });
      await closeInTurn();
      await stop();
    });
    await stage('the ACK arrives first', closeInTurn);
  },

  findings: {
    B2: finding('The second and third segment may merge: three segments on the wire, the same steps', {
      'the peer closes at once': (run) =>
        all(merged(run, 'closed at once, data before', mostly), merged(run, 'closed at once, no data before', sometimes)),
      'the peer waits 20 ms, less than a delayed ACK': (run) => merged(run, 'closed after 20 ms, data before', mostly),
      'the peer waits 100 ms, longer than a delayed ACK: they may, and need not': (run) => merged(run, 'closed after 100 ms, data before', never),
      'the steps of the passive side, and the numbers, are those of four segments': (run) => {
        const together = run.during('FIN and ACK arrive together').connection();
        const apart = run.during('the ACK arrives first').connection();
        const passive = ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'] as const;
        return all(
          sequence(together.closing.filter(({ fate, role }) => fate === 'delivered' && role === undefined), ['client F. 1:1(0) ack 1', 'server F. 1:1(0) ack 2', 'client . 2:2(0) ack 2']),
          sequence(apart.closing, ['client F. 1:1(0) ack 1', 'server . 1:1(0) ack 2', 'server F. 1:1(0) ack 2', 'client . 2:2(0) ack 2']),
          states('merged', passive, together.states('server').slice(-3)),
          states('not merged', passive, apart.states('server').slice(-3)),
        );
      },
    }, 'The FIN carries the ACK where it leaves before the delayed-ACK timer: 40 ms after a connection has received data, the next tick (4 ms at 250 Hz) where it has received none.'),
    B7: finding('FIN and ACK arriving together take FIN-WAIT-1 straight to TIME-WAIT, without FIN-WAIT-2', {
      'the samples around the one segment': (run) => {
        const { closing, states: changes } = run.during('FIN and ACK arrive together').connection();
        const fin = closing.filter(({ from, flags }) => from === 'server' && flags.includes('F'));
        const last = changes('client').at(-1);
        return all(
          sequence(fin, ['server F. 1:1(0) ack 2']),
          states('client', ['FIN-WAIT-1', 'TIME-WAIT'], changes('client').slice(-2)),
          equal('TIME-WAIT is caused by', fin[0]?.id, last?.cause?.kind === 'segment' ? last.cause.event : undefined, [...fin, ...changes('client').slice(-1)]),
          // The witness does see FIN-WAIT-2 where the ACK comes first.
          states('client, the ACK first', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], run.during('the ACK arrives first').connection().states('client').slice(-3)),
        );
      },
    }, 'While it handles the one segment the kernel sets FIN-WAIT-2, then TIME-WAIT (tcp_rcv_state_process(), tcp_fin()); nothing outside can see it.'),
    E3: finding('The ACK between the two FINs may be missing because delayed ACK lets the FIN carry it', {
      'data before: the ACK is delayed by 40 ms': (run) =>
        all(
          merged(run, 'closed at once, data before', mostly),
          merged(run, 'closed after 20 ms, data before', mostly),
          merged(run, 'closed after 100 ms, data before', never),
          delayed(run, 'closed after 100 ms, data before', kernelTime(40)),
        ),
      'no data before: the ACK is delayed to the next tick': (run) =>
        all(
          merged(run, 'closed at once, no data before', sometimes),
          merged(run, 'closed after 20 ms, no data before', never),
          delayed(run, 'closed after 20 ms, no data before', [0, 15]),
        ),
      'TCP_QUICKACK set on the socket before the FIN: the ACK is delayed all the same': (run) =>
        all(
          merged(run, 'closed at once, TCP_QUICKACK set', mostly),
          merged(run, 'closed after 100 ms, TCP_QUICKACK set', never),
          delayed(run, 'closed after 100 ms, TCP_QUICKACK set', kernelTime(40)),
        ),
      'a route with quickack: no ACK is delayed, and none is missing': (run) =>
        all(
          ...(['closed at once, data before', 'closed at once, no data before'] as const).flatMap((way) => [
            merged(run, way, never, 'a route without delayed ACK'),
            delayed(run, way, [0, 2], 'a route without delayed ACK'),
          ]),
        ),
    }, 'tcp_fin() leaves quick-ACK mode, whatever TCP_QUICKACK says, so the delayed-ACK timer sends the ACK: after 40 ms (TCP_DELACK_MIN), or at the next tick where no data came before from which the delay is learnt (icsk_ack.ato). Only the quickack metric of a route overrides it.'),
  },
});

const mostly = [0.5, 1] as const;
/** A race against the kernel's next tick, 4 ms at 250 Hz. */
const sometimes = [0.01, 1] as const;
const never = [0, 0] as const;

/** Try by try, what the server sent from the client's FIN to its own: the ACK that left alone, where one did, and the FIN. */
const answers = (run: View, way: keyof typeof ways, stage: string) => {
  const view = run.during(stage);
  const connections = view.connections.map((_, index) => view.connection(index)).filter(({ server }) => server.port === ways[way].port);
  return connections.map(({ closing: [first, ...rest] }) => {
    const fin = rest.find(({ from, flags }) => from === 'server' && flags.includes('F'));
    if (first?.receivedAt === undefined || fin === undefined) throw new Error(`a connection '${way}' was not closed`);
    const alone = rest.find(({ from, ack, at }) => from === 'server' && ack > first.seq && at < fin.at);
    return { fin, alone, three: alone === undefined && fin.ack === first.seq + 1, delay: ((alone?.sentAt ?? Number.NaN) - first.receivedAt) / 1e6 };
  });
};

/** In how many tries the server's FIN brought the ACK. */
const merged = (run: View, way: keyof typeof ways, range: readonly [number, number], stage = 'the kernel as it is') => {
  const tries = answers(run, way, stage);
  return share(`${way}: three segments`, range, tries.map(({ three }) => three), tries.map(({ fin }) => fin));
};

/** How long after the FIN the ACK left alone: the median of the tries. */
const delayed = (run: View, way: keyof typeof ways, range: readonly [number, number], stage = 'the kernel as it is') => {
  const tries = answers(run, way, stage).filter(({ alone }) => alone !== undefined);
  const median = tries.map(({ delay }) => delay).sort((a, b) => a - b).at(tries.length >> 1) ?? Number.NaN;
  return within(`${way}: the ACK alone, after`, range, median, 'ms', tries.flatMap(({ alone }) => alone ?? []));
};
