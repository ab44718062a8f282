// A server with room for two connections that never calls accept(): in which state is the client that does not fit in,
// and who has dropped its SYN? Not the network: the server's tcpdump has it, and the server's kernel counts what it
// throws away (ListenOverflows). `accept-queue-full-at-ack` is about clients whose SYN still found room.
import { claim, endState, equal, experiment, limit, listenOn, sent, staged, type View } from '#finwait';

export default experiment({
  title: 'A SYN finds the accept queue full',
  article: 'connection-states',
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 3,

  async run({ client, server, wire, stage }) {
    const app = await server.raw();

    await stage('when the wire drops the SYN', async () => {
      await listenOn(app, 50000, 1);
      await wire.cut();
      const browser = await client.node();
      await browser.connect(server, 50000);
    });
    await wire.restore();

    /** Three clients for two places: the queue is full once it holds more than the backlog (sk_acceptq_is_full()). */
    const overflow = async (port: number) => {
      await listenOn(app, port, 1);
      const browser = await client.node();
      for (let clients = 0; clients < 3; clients++) await browser.connect(server, port);
      await wire.next(({ flags, destinationPort }) => flags === 'S' && destinationPort === port); // sent again
      await wire.quiet();
      return browser;
    };
    const browser = await stage('when a SYN finds the accept queue full', () => overflow(50001));
    await browser.kill('SIGKILL'); // its SYNs would go on into the next stage, and be counted there
    await server.sysctl('net.ipv4.tcp_abort_on_overflow', 1);
    await stage('with tcp_abort_on_overflow 1 when a SYN finds it full', () => overflow(50002));
  },

  furtherCases: { A5: ['accept-queue-full-at-ack'] },
  findings: {
    A5: staged(
      'No misuse of the socket calls leaves a client in SYN-SENT; only packets dropped by a network device do',
      {
        'when the wire drops the SYN': (view) => {
          const { segments } = view.connection();
          return [
            equal('what became of the SYN', 'dropped', segments[0]?.fate, segments),
            endState(view.connection(), 'client', 'SYN-SENT'),
          ];
        },
        'when a SYN finds the accept queue full': claim(
          (view) => nobodyWaits(view),
          'listening and never calling accept() is the misuse the article itself tries',
        ),
        'with tcp_abort_on_overflow 1 when a SYN finds it full': limit(
          (view) => nobodyWaits(view),
          'the article changes no setting',
        ),
      },
      'A SYN that finds the accept queue full is dropped by the server itself and counted as ListenOverflows, whatever tcp_abort_on_overflow says (tcp_conn_request(), net/ipv4/tcp_input.c).',
    ),
  },
});

/** No client is in SYN-SENT although the server got its SYN. */
const nobodyWaits = ({ connections, server }: View) => {
  const waiting = connections.filter(({ state }) => state('client').state === 'SYN-SENT');
  const arrived = waiting.flatMap(({ segments }) => segments.filter(sent('client', 'SYN')).slice(0, 1));
  const shown = [
    ...arrived,
    ...connections.map(({ state }) => state('client')),
    ...server.rises('TcpExt.ListenOverflows'),
  ];
  return equal(
    'clients in SYN-SENT whose SYN has arrived',
    0,
    arrived.filter(({ fate }) => fate === 'delivered').length,
    shown,
  );
};
