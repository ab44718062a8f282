// A server with room for two connections that never calls accept(): in which state is the client that does not fit in,
// and who has dropped its SYN? Not the network: the server's tcpdump has it, and the server's kernel counts what it
// throws away.
import {
  all,
  carries,
  claim,
  endState,
  equal,
  experiment,
  finding,
  holds,
  limit,
  listenOn,
  textOf,
  type View,
} from '#finwait';

const abort = 'net.ipv4.tcp_abort_on_overflow';
const counters = ['TcpExtListenOverflows', 'TcpExtListenDrops'];
/** Room for two: the queue is full once it holds more than the backlog (sk_acceptq_is_full(), include/net/sock.h). */
const backlog = 1;

export default experiment({
  title: 'The accept queue is full',
  article: 'connection-states',
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 3,

  async run({ client, server, wire, stage }) {
    const app = await server.raw();
    const browser = await client.node();
    const isSyn = ({ flags }: { flags: string }) => flags === 'S';
    const readCounters = async () => (await server.spawn('nstat', ['-asz', ...counters])).exited();
    const connect = async (port: number, clients: number) => {
      const sockets = [];
      while (sockets.length < clients) sockets.push(await browser.connect(server, port));
      return sockets;
    };
    /** Three clients for two places, until the one that found none has sent its SYN again. */
    const overflow = async (port: number) => {
      await readCounters();
      const sockets = await connect(port, 3);
      const syns = () => wire.seen(({ flags, destinationPort }) => flags === 'S' && destinationPort === port);
      while (syns().length < 4) await wire.next(isSyn);
      await wire.quiet();
      await readCounters();
      return sockets;
    };

    await stage('the wire drops the SYN', async () => {
      await listenOn(app, 50000, backlog);
      await wire.cut();
      const [socket] = await connect(50000, 1);
      await socket?.destroy();
      await wire.restore();
    });
    await stage('the queue is full', async () => {
      const listener = await listenOn(app, 50001, backlog);
      const sockets = await overflow(50001);
      const answer = wire.next(({ flags }) => flags === 'S.');
      await app.accept(listener); // makes room: the next SYN is answered
      await answer;
      for (const socket of sockets) await socket.destroy();
    });
    await stage('the queue is full, tcp_abort_on_overflow 1', async () => {
      await server.sysctl(abort, 1);
      await listenOn(app, 50002, backlog);
      for (const socket of await overflow(50002)) await socket.destroy();
    });
    for (const setting of [0, 1]) {
      await stage(`the ACK finds the queue full, tcp_abort_on_overflow ${setting}`, async () => {
        const port = 50003 + setting;
        await server.sysctl(abort, setting);
        await listenOn(app, port, backlog);
        const sockets = await connect(port, 1);
        const endHold = await wire.hold(({ flags, destinationPort }) => flags === '.' && destinationPort === port);
        sockets.push(...(await connect(port, 2))); // both SYNs are answered: there is room for one more
        await endHold();
        await wire.release();
        for (const socket of sockets) await socket.destroy();
      });
    }
  },

  findings: {
    A5: finding(
      'No misuse of the socket calls leaves a client in SYN-SENT; only packets dropped by a network device do',
      {
        'when the wire drops the SYN': (run) => {
          const [connection] = beforeAnyClose(run.during('the wire drops the SYN')).connections;
          if (!connection) throw new Error('no SYN was sent');
          const { segments } = connection;
          return all(
            equal('what became of the SYN', 'dropped', segments[0]?.fate, segments),
            endState(connection, 'client', 'SYN-SENT'),
          );
        },
        'when a SYN finds the accept queue full': claim(
          (run) => nobodyWaits(run.during('the queue is full')),
          'listening and never calling accept() is the misuse the article itself tries',
        ),
        'with tcp_abort_on_overflow 1 when a SYN finds it full': limit(
          (run) => nobodyWaits(run.during('the queue is full, tcp_abort_on_overflow 1')),
          'the article changes no setting',
        ),
        'when an ACK finds the accept queue full': (run) =>
          nobodyWaits(run.during('the ACK finds the queue full, tcp_abort_on_overflow 0')),
        'with tcp_abort_on_overflow 1 when an ACK finds it full': limit((run) =>
          nobodyWaits(run.during('the ACK finds the queue full, tcp_abort_on_overflow 1')),
        ),
      },
      'A SYN that finds the accept queue full is dropped by the server itself and counted as ListenOverflows, whatever tcp_abort_on_overflow says (tcp_conn_request(), net/ipv4/tcp_input.c); that setting has an ACK that finds it full answered with RST (tcp_check_req(), net/ipv4/tcp_minisocks.c).',
    ),
  },
});

/** As it was before the script let anyone in or gave anyone up. */
const beforeAnyClose = (view: View) => {
  const ends = [...view.server.calls('accept', { process: 'server' }), ...view.client.calls('destroy')].map(
    ({ at }) => at,
  );
  return view.between(undefined, Math.min(...ends));
};

/** No client is in SYN-SENT although the server got its SYN. */
const nobodyWaits = (view: View) => {
  const { connections } = beforeAnyClose(view);
  const ends = connections.map(({ state }) => ({ client: state('client'), server: state('server') }));
  const arrived = connections
    .filter((_, index) => ends[index]?.client.state === 'SYN-SENT')
    .flatMap(({ segments }) => segments.filter(carries('SYN')).filter(({ receivedAt }) => receivedAt !== undefined));
  const found = ends.map(({ client, server }) => `${client.state} (server: ${server.state})`);
  const counted = view.server.output();
  return holds(
    'no client in SYN-SENT whose SYN has arrived at the server',
    `clients: ${found.join(', ')}; SYNs that arrived from one in SYN-SENT: ${arrived.length}${rises(textOf(counted))}`,
    connections.length > 1 && arrived.length === 0,
    [...arrived, ...ends.flatMap(({ client, server }) => [client, server]), ...counted],
  );
};

/** By how much the server's counters rose between the first reading and the last. */
const rises = (text: string) =>
  counters
    .map((name) => {
      const values = [...text.matchAll(new RegExp(`${name}\\s+(\\d+)`, 'g'))].map(([, value]) => Number(value));
      return values.length > 0 ? `; ${name} +${(values.at(-1) ?? 0) - (values[0] ?? 0)}` : '';
    })
    .join('');
