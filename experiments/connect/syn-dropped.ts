// A connect that nobody answers: how often the SYN is sent again, after which waits, and when the kernel gives up. The two hosts call
// each other over a cut wire at the same time: the client with this kernel's own settings, the server with the article's.
import {
  all,
  equal,
  experiment,
  finding,
  type Host,
  type HostName,
  holds,
  kernelTime,
  type View,
  within,
} from '#finwait';

const retries = 'net.ipv4.tcp_syn_retries';
const linear = 'net.ipv4.tcp_syn_linear_timeouts';

export default experiment({
  title: 'A connect that is never answered',
  article: 'tcpdump-observation',
  longestWaitSeconds: 35,
  timeoutSeconds: 240,

  async run({ client, server, wire, pace }) {
    await wire.cut();

    const ours = await client.node();
    const own = Number(await client.sysctl(retries)) + Number(await linearTimeouts(client));
    const patient = await ours.connect(server, 50006);

    const theirs = await server.node();
    const giveUp = async (port: number, count: number) => {
      await server.sysctl(retries, count);
      const socket = await theirs.connect(client, port);
      await socket.event('error', { timeoutMs: 60_000 });
    };
    await linearTimeouts(server);
    await giveUp(50000, 1);
    await linearTimeouts(server, 0);
    await giveUp(50001, 1);
    await giveUp(50004, 4);

    // To the end it takes 131 s. A quick run stops at the last retry but one: the article's 32 s are over by then.
    const sent = () => wire.seen(({ from }) => from === 'client').length;
    if (pace === 'article') await patient.event('error', { timeoutMs: 180_000 });
    else while (sent() < own) await wire.next(({ from }) => from === 'client', { timeoutMs: 60_000 });
  },

  findings: {
    E5: finding(
      'An unanswered connect sends the same SYN again after 1, 2, 4 and 8 s and gives up after a last wait of 16 s, 32 s in all: five SYNs',
      {
        "the article's settings: tcp_syn_retries 4, tcp_syn_linear_timeouts 0": (run) =>
          fiveTimes(attempt(run, 'server', 50004)),
        "this kernel's own settings": (run) => fiveTimes(attempt(run, 'client', 50006)),
      },
      'Since Linux 6.5 (commit ccce324dabfe) tcp_syn_linear_timeouts, 4 by default, adds as many waits of 1 s before the doubling begins; tcp_syn_retries is 6 by default. That makes eleven SYNs and gives up after 131 s (Documentation/networking/ip-sysctl.rst).',
    ),
    E6: finding(
      'The number of retries is a system setting',
      {
        'tcp_syn_retries 1, tcp_syn_linear_timeouts as the kernel has it': (run) =>
          asPredicted(run, attempt(run, 'server', 50000)),
        'tcp_syn_retries 1, tcp_syn_linear_timeouts 0': (run) => asPredicted(run, attempt(run, 'server', 50001)),
        'tcp_syn_retries 4, tcp_syn_linear_timeouts 0': (run) => asPredicted(run, attempt(run, 'server', 50004)),
        "this kernel's own settings, for as long as they were watched": (run) =>
          asPredicted(run, attempt(run, 'client', 50006)),
      },
      'There are tcp_syn_retries plus, since Linux 6.5, tcp_syn_linear_timeouts retries, but none once 2^(tcp_syn_retries + 1) - 1 s are over (tcp_write_timeout(), retransmits_timed_out(), net/ipv4/tcp_timer.c).',
    ),
  },
});

/** Kernels before 6.5 have no such setting: every wait is double the one before. */
const linearTimeouts = (host: Host, value?: number) => host.sysctl(linear, value).catch(() => '0');

/** What a host sent to open a connection, the waits in between, and how the attempt ended. */
const attempt = (run: View, opener: HostName, port: number) => {
  const peer = opener === 'client' ? 'server' : 'client';
  const connection = run.connection(
    run.connections.findIndex((one) => one.opener === opener && one[peer].port === port),
  );
  const syns = connection.segments.filter(({ from }) => from === opener);
  const errors = connection.emits(opener, 'error');
  const times = [...syns.map(({ sentAt = Number.NaN }) => sentAt), ...errors.map(({ at }) => at)].map(
    (time) => time / 1e6,
  );
  const waits = times.slice(1).map((time, index) => time - (times[index] as number));
  const end = errors[0]?.code ?? `none yet, still in ${connection.state(opener).state}`;
  return { opener, syns, waits, end, ended: errors.length > 0, evidence: [...syns, ...errors] };
};
type Attempt = ReturnType<typeof attempt>;

const fiveTimes = ({ syns, waits, end, ended, evidence }: Attempt) =>
  all(
    equal('SYNs', 5, syns.length, syns),
    waitsOf([1, 2, 4, 8, 16], waits, evidence),
    equal('sequence numbers', 1, new Set(syns.map(({ absolute }) => absolute.seq)).size, syns),
    equal('error', 'ETIMEDOUT', end, evidence.slice(-1)),
    within('in all', kernelTime(31_000), ended ? sum(waits) : Number.NaN, 'ms', evidence),
  );

/** What the settings in force predict: all of it where the attempt has ended, else as much as was watched. */
const asPredicted = (run: View, { opener, syns, waits, end, ended, evidence }: Attempt) => {
  const [count, straight] = [retries, linear].map((name) => settingAt(run, opener, name, syns[0]?.at ?? 0)) as [
    number,
    number,
  ];
  const predicted = prediction(count, straight);
  const most = predicted.length - 1;
  const watched = ended ? predicted : predicted.slice(0, waits.length);
  const actual = syns.length - 1;
  return all(
    holds(
      `${ended ? '' : 'up to '}${most} retries`,
      `${actual} retries${ended ? '' : ' so far'}`,
      ended ? actual === most : actual > 0 && actual <= most,
      evidence,
    ),
    waitsOf(watched, waits, evidence),
    within('in all', kernelTime(sum(watched) * 1000), sum(waits), 'ms', evidence),
    equal('error', ended ? 'ETIMEDOUT' : 'none yet, still in SYN-SENT', end, evidence.slice(-1)),
  );
};

/** The waits in seconds, the last of them that for the error (tcp_write_timeout(), tcp_retransmit_timer(), net/ipv4/tcp_timer.c). */
const prediction = (count: number, straight: number) => {
  const waits = [1];
  while (waits.length <= count + straight && (waits.length === 1 || sum(waits) < 2 ** (count + 1) - 1)) {
    waits.push(2 ** Math.max(0, waits.length - straight));
  }
  return waits;
};

const waitsOf = (seconds: number[], waits: number[], evidence: { id: string }[]) => {
  const inTime = waits.every((wait, index) => {
    const [low, high] = kernelTime((seconds[index] ?? Number.NaN) * 1000);
    const late = index === waits.length - 1 ? 250 : 0; // the last wait ends with the error, which Node may tell a little later
    return wait >= low && wait <= high + late;
  });
  const shown = waits.map((wait) => (wait / 1000).toFixed(2)).join(', ');
  return holds(
    `waits of ${seconds.join(', ')} s`,
    `waits of ${shown} s`,
    inTime && waits.length === seconds.length,
    evidence,
  );
};

/** The value a sysctl had when the attempt began; 0 where the kernel does not know it. */
const settingAt = (run: View, host: HostName, name: string, at: number) => {
  const call = run
    .host(host)
    .calls('sysctl')
    .findLast((one) => one.args[0] === name && one.at < at);
  return Number((call?.returned?.value as { after?: string } | undefined)?.after ?? 0);
};

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
