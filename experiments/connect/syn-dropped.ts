// A connect that nobody answers: how often the SYN is sent again, after which waits, and when the kernel gives up. The
// two hosts call each other over a cut wire at the same time: the client with this kernel's own settings, the server
// with the article's.
import { all, count, equal, experiment, finding, type HostName, holds, limit, sent, type View, waits } from '#finwait';

const retries = 'net.ipv4.tcp_syn_retries';
const linear = 'net.ipv4.tcp_syn_linear_timeouts';

export default experiment({
  title: 'A connect that is never answered',
  article: 'tcpdump-observation',
  longestWaitSeconds: 35,
  timeoutSeconds: 240,

  async run({ client, server, wire, pace }) {
    await wire.cut();
    // Kernels before 6.5 have no such setting: every wait is double the one before.
    const linearTimeouts = (host: typeof client, value?: number) => host.sysctl(linear, value).catch(() => '0');

    const ours = await client.node();
    const own = Number(await client.sysctl(retries)) + Number(await linearTimeouts(client));
    const patient = await ours.connect(server, 50006);

    const theirs = await server.node();
    const giveUp = async (port: number, times: number) => {
      await server.sysctl(retries, times);
      const socket = await theirs.connect(client, port);
      await socket.event('error', { timeoutMs: 60_000 });
    };
    await linearTimeouts(server);
    await giveUp(50000, 1);
    await linearTimeouts(server, 0);
    await giveUp(50001, 1);
    await giveUp(50004, 4);

    // To the end it takes 131 s. A quick run stops at the last retry but one: the article's 32 s are over by then.
    const isOurs = sent('client');
    if (pace === 'article') await patient.event('error', { timeoutMs: 180_000 });
    else while (wire.seen(isOurs).length < own) await wire.next(isOurs, { timeoutMs: 60_000 });
  },

  findings: {
    E5: finding(
      'An unanswered connect sends the same SYN again after 1, 2, 4 and 8 s and gives up after a last wait of 16 s, 32 s in all: five SYNs',
      {
        "with the article's settings, tcp_syn_retries 4 and tcp_syn_linear_timeouts 0": (run) =>
          fiveTimes(attempt(run, 'server', 50004)),
        "with this kernel's own settings": limit(
          (run) => fiveTimes(attempt(run, 'client', 50006)),
          'the article measures one machine and says itself that a setting, which it shows, decides how often',
        ),
      },
      'Since Linux 6.5 (commit ccce324dabfe) tcp_syn_linear_timeouts, 4 by default, adds as many waits of 1 s before the doubling begins; tcp_syn_retries is 6 by default. That makes eleven SYNs and gives up after 131 s (Documentation/networking/ip-sysctl.rst).',
    ),
    E6: finding(
      'The number of retries is a system setting',
      {
        'with tcp_syn_retries 1': (run) => asPredicted(run, attempt(run, 'server', 50000)),
        'with tcp_syn_retries 1 and tcp_syn_linear_timeouts 0': (run) =>
          asPredicted(run, attempt(run, 'server', 50001)),
        'with tcp_syn_retries 4 and tcp_syn_linear_timeouts 0': (run) =>
          asPredicted(run, attempt(run, 'server', 50004)),
        "with this kernel's own settings, for as long as they were watched": (run) =>
          asPredicted(run, attempt(run, 'client', 50006)),
      },
      'There are tcp_syn_retries plus, since Linux 6.5, tcp_syn_linear_timeouts retries, but none once 2^(tcp_syn_retries + 1) - 1 s are over (tcp_write_timeout(), retransmits_timed_out(), net/ipv4/tcp_timer.c).',
    ),
  },
});

/** What a host sent to open a connection, and how the attempt ended. */
const attempt = (run: View, opener: HostName, port: number) => {
  const isIt = ({ client, server }: { client: { port: number }; server: { port: number } }) =>
    (opener === 'client' ? server : client).port === port;
  const connection = run.connections.find((one) => one.opener === opener && isIt(one));
  if (!connection) throw new Error(`the ${opener} sent no SYN to port ${port}`);
  const errors = connection.emits(opener, 'error');
  const end = errors[0]?.code ?? `none yet, still in ${connection.state(opener).state}`;
  // When it was over the kernel's own report says more exactly than Node, which a busy machine lets wait.
  const ended = errors.length > 0 ? connection.states(opener).slice(-1) : [];
  return { opener, syns: connection.segments.filter(sent(opener)), errors, ended, end };
};
type Attempt = ReturnType<typeof attempt>;

const fiveTimes = ({ syns, errors, ended, end }: Attempt) =>
  all(
    count('SYNs', 5, syns),
    waits([1000, 2000, 4000, 8000, 16_000], [...syns, ...ended]),
    equal('sequence numbers', 1, new Set(syns.map(({ absolute }) => absolute.seq)).size, syns),
    equal('error', 'ETIMEDOUT', end, [...syns.slice(-1), ...errors]),
  );

/** What the settings in force predict: all of it where the attempt has ended, else as much as was watched. */
const asPredicted = (run: View, { opener, syns, errors, ended, end }: Attempt) => {
  const before = run.between(undefined, syns[0]).host(opener);
  const predicted = prediction(Number(before.setting(retries)?.value), Number(before.setting(linear)?.value ?? 0));
  const [most, actual] = [predicted.length - 1, syns.length - 1];
  const hasEnded = errors.length > 0;
  return all(
    holds(
      `${hasEnded ? '' : 'up to '}${most} retries`,
      `${actual} retries${hasEnded ? '' : ' so far'}`,
      hasEnded ? actual === most : actual > 0 && actual <= most,
      syns,
    ),
    waits(hasEnded ? predicted : predicted.slice(0, actual), [...syns, ...ended]),
    equal('error', hasEnded ? 'ETIMEDOUT' : 'none yet, still in SYN-SENT', end, [...syns.slice(-1), ...errors]),
  );
};

/**
 * The waits in milliseconds, the last of them that for the error (tcp_write_timeout(), tcp_retransmit_timer(),
 * net/ipv4/tcp_timer.c).
 */
const prediction = (times: number, straight: number) => {
  const all = [1000];
  const sum = () => all.reduce((total, wait) => total + wait, 0);
  const longest = 1000 * (2 ** (times + 1) - 1);
  while (all.length <= times + straight && (all.length === 1 || sum() < longest))
    all.push(1000 * 2 ** Math.max(0, all.length - straight));
  return all;
};
