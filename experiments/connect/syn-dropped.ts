// A connect that nobody answers: how often the SYN is sent again, after which waits, and when the kernel gives up. The
// two hosts call each other over a cut wire at the same time: the client with this kernel's own settings, the server
// with the article's. `syn-retries` tries other settings.
import { count, equal, experiment, failsWith, finding, type HostName, limit, sent, type View, waits } from '#finwait';

export default experiment({
  title: 'A connect that is never answered',
  article: 'tcpdump-observation',
  longestWaitSeconds: 32,
  timeoutSeconds: 240,

  async run({ client, server, wire, pace }) {
    await wire.cut();
    const ours = await client.node();
    const patient = await ours.connect(server, 50000);

    await server.sysctl('net.ipv4.tcp_syn_retries', 4);
    // Kernels before 6.5 have no such setting: every wait is double the one before.
    await server.sysctl('net.ipv4.tcp_syn_linear_timeouts', 0).catch(() => '0');
    const theirs = await server.node();
    const socket = await theirs.connect(client, 50001);
    await server.untilGone({ peerPort: 50001 }); // looks closely when the timer is about to fire
    await socket.event('error');
    // To the end it takes 131 s. By now the article's 32 s are over.
    if (pace === 'article') await patient.event('error', { timeoutMs: 180_000 });
  },

  findings: {
    E5: finding(
      'An unanswered connect sends the same SYN again after 1, 2, 4 and 8 s and gives up after a last wait of 16 s, 32 s in all: five SYNs',
      {
        "with the article's settings, tcp_syn_retries 4 and tcp_syn_linear_timeouts 0": (run) =>
          givesUpAfterFive(run, 'server'),
        "with this kernel's own settings": limit(
          (run) => givesUpAfterFive(run, 'client'),
          'the article measures one machine and says itself that a setting, which it shows, decides how often',
        ),
      },
      'Since Linux 6.5 (commit ccce324dabfe) tcp_syn_linear_timeouts, 4 by default, adds as many waits of 1 s before the doubling begins; tcp_syn_retries is 6 by default. That makes eleven SYNs and gives up after 131 s (Documentation/networking/ip-sysctl.rst).',
    ),
  },
});

const givesUpAfterFive = (run: View, opener: HostName) => {
  const connection = run.connections.find((one) => one.opener === opener);
  if (!connection) throw new Error(`the ${opener} sent no SYN`);
  const syns = connection.segments.filter(sent(opener));
  const end = connection.states(opener).find(({ to }) => to === 'CLOSED'); // more exact than Node, which may be busy
  return [
    count('SYNs', 5, syns),
    waits([1000, 2000, 4000, 8000, 16_000], [...syns, ...(end ? [end] : [])]),
    equal('sequence numbers', 1, new Set(syns.map(({ absolute }) => absolute.seq)).size, syns),
    failsWith('ETIMEDOUT', connection.emits(opener, 'error'), syns),
  ];
};
