// How often an unanswered SYN is sent again is a system setting, two of them since Linux 6.5. The server tries three
// pairs of values over a cut wire, the client this kernel's own: do count and waits follow from the settings?
import { endState, experiment, failsWith, finding, type HostName, sent, type View, waits } from '#finwait';

const retries = 'net.ipv4.tcp_syn_retries';
const linear = 'net.ipv4.tcp_syn_linear_timeouts';

export default experiment({
  title: 'The settings for a connect that is never answered',
  article: 'tcpdump-observation',
  longestWaitSeconds: 38,

  async run({ client, server, wire }) {
    await wire.cut();
    // Kernels before 6.5 have no such setting: every wait is double the one before.
    const linearTimeouts = (host: typeof client, value?: number) => host.sysctl(linear, value).catch(() => '0');

    const ours = await client.node();
    await client.sysctl(retries);
    await linearTimeouts(client);
    await ours.connect(server, 50000); // to the end it takes 131 s: it is watched as long as the others take

    const theirs = await server.node();
    const giveUp = async (port: number, times: number) => {
      await server.sysctl(retries, times);
      const socket = await theirs.connect(client, port);
      await socket.event('error', { timeoutMs: 60_000 });
    };
    await linearTimeouts(server);
    await giveUp(50001, 1);
    await linearTimeouts(server, 0);
    await giveUp(50002, 1);
    await giveUp(50003, 4);
  },

  findings: {
    E6: finding(
      'The number of retries is a system setting',
      {
        'with tcp_syn_retries 1': (run) => asPredicted(run, 'server', 50001),
        'with tcp_syn_retries 1 and tcp_syn_linear_timeouts 0': (run) => asPredicted(run, 'server', 50002),
        'with tcp_syn_retries 4 and tcp_syn_linear_timeouts 0': (run) => asPredicted(run, 'server', 50003),
        "with this kernel's own settings, for as long as they were watched": (run) => asPredicted(run, 'client', 50000),
      },
      'There are tcp_syn_retries plus, since Linux 6.5, tcp_syn_linear_timeouts retries, but none once 2^(tcp_syn_retries + 1) - 1 s are over (tcp_write_timeout(), retransmits_timed_out(), net/ipv4/tcp_timer.c).',
    ),
  },
});

/** The SYNs follow each other as the settings say: to the error, where there is one by the end, else up to there. */
const asPredicted = (run: View, opener: HostName, port: number) => {
  const connection = run.connections.find((one) => one[opener === 'client' ? 'server' : 'client'].port === port);
  if (!connection) throw new Error(`the ${opener} sent no SYN to port ${port}`);
  const syns = connection.segments.filter(sent(opener));
  const { setting } = run.between(undefined, syns[0]).host(opener);
  const predicted = prediction(Number(setting(retries)?.value), Number(setting(linear)?.value ?? 0));
  const errors = connection.emits(opener, 'error');
  if (errors.length === 0)
    return [waits(predicted.slice(0, syns.length - 1), syns), endState(connection, opener, 'SYN-SENT')];
  const end = connection.states(opener).slice(-1); // the kernel's own report: Node may be busy
  return [waits(predicted, [...syns, ...end]), failsWith('ETIMEDOUT', errors)];
};

/** The waits in milliseconds, the last of them that for the error (tcp_write_timeout(), tcp_retransmit_timer()). */
const prediction = (times: number, straight: number) => {
  const all = [1000];
  const sum = () => all.reduce((total, wait) => total + wait, 0);
  const longest = 1000 * (2 ** (times + 1) - 1);
  while (all.length <= times + straight && (all.length === 1 || sum() < longest))
    all.push(1000 * 2 ** Math.max(0, all.length - straight));
  return all;
};
