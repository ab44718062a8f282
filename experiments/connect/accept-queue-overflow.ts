// A server with room for two connections that never calls accept(): in which state is the client that does not fit in, and who has
// dropped its SYN? Not the network: the server's tcpdump has it, and the server's kernel counts what it throws away.
import {
  all,
  type ConnectionView,
  equal,
  experiment,
  finding,
  type Host,
  holds,
  type NodeProcess,
  type RawProcess,
  type View,
  type WireControl,
} from '#finwait';

const abort = 'net.ipv4.tcp_abort_on_overflow';
const counters = ['TcpExtListenOverflows', 'TcpExtListenDrops'];

export default experiment({
  title: 'The accept queue is full',
  article: 'connection-states',
  longestWaitSeconds: 3,

  async run({ client, server, wire, stage }) {
    const app = await server.raw();
    const browser = await client.node();

    await stage('the wire drops the SYN', async () => {
      await listen(app, 50000);
      await wire.cut();
      const [socket] = await connect(browser, server, 50000, 1);
      await socket?.destroy();
      await wire.restore();
    });

    await stage('the queue is full', async () => {
      const listener = await listen(app, 50001);
      const sockets = await overflow(browser, server, wire, 50001);
      const answer = wire.next(({ flags }) => flags === 'S.');
      await app.accept(listener); // makes room: the next SYN is answered
      await answer;
      for (const socket of sockets) await socket.destroy();
    });

    await stage('the queue is full, tcp_abort_on_overflow 1', async () => {
      await server.sysctl(abort, 1);
      await listen(app, 50002);
      const sockets = await overflow(browser, server, wire, 50002);
      for (const socket of sockets) await socket.destroy();
    });

    for (const [setting, port] of [
      [0, 50003],
      [1, 50004],
    ] as const) {
      await stage(`the ACK finds the queue full, tcp_abort_on_overflow ${setting}`, async () => {
        await server.sysctl(abort, setting);
        await listen(app, port);
        const sockets = await connect(browser, server, port, 1);
        const endHold = await wire.hold(({ flags, destinationPort }) => flags === '.' && destinationPort === port);
        sockets.push(...(await connect(browser, server, port, 2))); // both SYNs are answered: there is room for one more
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
        'the wire drops the SYN': (run) => {
          const [connection] = beforeAnyClose(run.during('the wire drops the SYN'));
          if (!connection) throw new Error('no SYN was sent');
          const { segments, state } = connection;
          return all(
            equal('what became of the SYN', 'dropped', segments[0]?.fate, segments),
            equal('client state', 'SYN-SENT', state('client').state, [state('client')]),
          );
        },
        'the server does not accept, its queue is full': (run) => nobodyWaits(run.during('the queue is full')),
        'the same with tcp_abort_on_overflow 1': (run) =>
          nobodyWaits(run.during('the queue is full, tcp_abort_on_overflow 1')),
        'the queue is full when the ACK comes': (run) =>
          nobodyWaits(run.during('the ACK finds the queue full, tcp_abort_on_overflow 0')),
        'the same when the ACK comes, with tcp_abort_on_overflow 1': (run) =>
          nobodyWaits(run.during('the ACK finds the queue full, tcp_abort_on_overflow 1')),
      },
      'A SYN that finds the accept queue full is dropped by the server itself and counted as ListenOverflows, whatever tcp_abort_on_overflow says (tcp_conn_request(), net/ipv4/tcp_input.c); that setting has an ACK that finds it full answered with RST (tcp_check_req(), net/ipv4/tcp_minisocks.c).',
    ),
  },
});

/** A backlog of 1 has room for two: the queue is full once it holds more than the backlog (sk_acceptq_is_full(), include/net/sock.h). */
const listen = async (app: RawProcess, port: number) => {
  const listener = (await app.socket()).value;
  await app.bind(listener, port);
  await app.listen(listener, 1);
  return listener;
};

const connect = async (browser: NodeProcess, server: Host, port: number, clients: number) => {
  const sockets = [];
  while (sockets.length < clients) sockets.push(await browser.connect(server, port));
  return sockets;
};

/** Three clients for two places, until the one that found none has sent its SYN again. The server's counters are read before and after. */
const overflow = async (browser: NodeProcess, server: Host, wire: WireControl, port: number) => {
  const readCounters = async () => (await server.spawn('nstat', ['-asz', ...counters])).exited();
  await readCounters();
  const sockets = await connect(browser, server, port, 3);
  while (wire.seen(({ flags, destinationPort }) => flags === 'S' && destinationPort === port).length < 4) {
    await wire.next(({ flags }) => flags === 'S');
  }
  await wire.quiet();
  await readCounters();
  return sockets;
};

/** The connections as they were before the script let anyone in or gave anyone up. */
const beforeAnyClose = (view: View) => {
  const end = [...view.server.calls('accept'), ...view.client.calls('destroy')].sort((a, b) => a.at - b.at)[0];
  const before = view.between(undefined, end);
  return before.connections.map((_, index) => before.connection(index));
};

/** No client is in SYN-SENT although the server got its SYN. */
const nobodyWaits = (view: View) => {
  const connections = beforeAnyClose(view);
  const waiting = connections.filter(({ state }) => state('client').state === 'SYN-SENT');
  const arrived = waiting.flatMap(({ segments }) =>
    segments.filter(({ flags, receivedAt }) => flags === 'S' && receivedAt !== undefined),
  );
  const ends = connections.map(({ state }) => `${state('client').state} (server: ${state('server').state})`);
  const { text, evidence } = counted(view);
  return holds(
    'no client in SYN-SENT whose SYN has arrived at the server',
    `clients: ${ends.join(', ')}${arrived.length > 0 ? `; SYNs of those in SYN-SENT that arrived: ${arrived.length}${text}` : ''}`,
    connections.length > 1 && arrived.length === 0,
    [...arrived, ...connections.flatMap(stateEvidence), ...evidence],
  );
};

const stateEvidence = ({ state }: ConnectionView) => [state('client'), state('server')];

/** By how much the server's counters rose between the first reading and the last. */
const counted = (view: View) => {
  const evidence = view.server.output().filter(({ text }) => counters.some((name) => text.includes(name)));
  const text = evidence.map((event) => event.text).join('\n');
  const rises = counters.map((name) => {
    const values = [...text.matchAll(new RegExp(`${name}\\s+(\\d+)`, 'g'))].map(([, value]) => Number(value));
    return `; ${name} +${(values.at(-1) as number) - (values[0] as number)}`;
  });
  return { text: evidence.length > 0 ? rises.join('') : '', evidence };
};
