// A server with room for two connections that never calls accept(), and three clients whose SYNs it has all answered
// before any of their ACKs comes back: the last ACK finds the accept queue full. Is its client left in SYN-SENT?
import { count, equal, experiment, limit, listenOn, staged, type View } from '#finwait';

export default experiment({
  title: 'An ACK finds the accept queue full',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    const app = await server.raw();

    const overflow = async (port: number) => {
      await listenOn(app, port, 1);
      const browser = await client.node();
      await browser.connect(server, port);
      const endHold = await wire.hold(({ flags, destinationPort }) => flags === '.' && destinationPort === port);
      await browser.connect(server, port);
      await browser.connect(server, port);
      await endHold();
      await wire.release();
    };
    await stage('when an ACK finds the accept queue full', () => overflow(50000));
    await server.sysctl('net.ipv4.tcp_abort_on_overflow', 1);
    await stage('with tcp_abort_on_overflow 1 when an ACK finds it full', () => overflow(50001));
  },

  furtherCases: { A5: ['accept-queue-overflow'] },
  findings: {
    A5: staged(
      'No misuse of the socket calls leaves a client in SYN-SENT; only packets dropped by a network device do',
      {
        'when an ACK finds the accept queue full': (view) => nobodyWaits(view),
        'with tcp_abort_on_overflow 1 when an ACK finds it full': limit((view) => nobodyWaits(view)),
      },
      'tcp_abort_on_overflow has an ACK that finds the accept queue full answered with RST (tcp_check_req(), net/ipv4/tcp_minisocks.c).',
    ),
  },
});

/** All three SYNs have been answered, and no client is in SYN-SENT any more. */
const nobodyWaits = ({ connections, segments }: View) => {
  const waiting = connections.filter(({ state }) => state('client').state === 'SYN-SENT');
  const ends = connections.map(({ state }) => state('client'));
  return [count('SYNs', 3, segments({ flags: 'S' })), equal('clients in SYN-SENT', 0, waiting.length, ends)];
};
