// A connect that nobody answers: how often the SYN is sent again, after which waits, and when the kernel gives up. The two hosts call
// each other over a cut wire at the same time: the client with this kernel's own settings, the server with the article's.
import { all, type ConnectionView, equal, experiment, finding, holds, type Host, type HostName, kernelTime, type View, within } from '#finwait';

const retries = 'net.ipv4.tcp_syn_retries';
const linear = 'net.ipv4.tcp_syn_linear_timeouts';

export default experiment({
  title: 'A connect that is never answered',
  article: 'tcpdump-observation',
  timeoutSeconds: 240,

  async run({ client, server, wire, pace }) {
    await wire.cut();

    const ours = await client.node();
    await client.sysctl(retries);
    await linearTimeouts(client);
    const patient = await ours.connect(server, 50006);

    const theirs = await server.node();
    await linearTimeouts(server, 0);
    for (const count of [1, 4]) {
      await server.sysctl(retries, count);
      const socket = await theirs.connect(client, 50000 + count);
      await socket.event('error', { timeoutMs: 60_000 });
    }

    // The defaults take 131 s. In a quick run it suffices that the client is still trying when the article's 32 s are long over.
    const tries = () => wire.seen(({ from }) => from === 'client').length;
    if (pace === 'article') await patient.event('error', { timeoutMs: 180_000 });
    else while (tries() < 10) await wire.next(({ from }) => from === 'client', { timeoutMs: 60_000 });
  },

  findings: {
    E5: finding('An unanswered connect sends the same SYN again after 1, 2, 4 and 8 s and gives up after a last wait of 16 s, 32 s in all: five SYNs', {
      "the article's settings: tcp_syn_retries 4, tcp_syn_linear_timeouts 0": (run) => fiveTimes(run, attempt(run, 'server', 50004)),
      "this kernel's own settings": (run) => fiveTimes(run, attempt(run, 'client', 50006)),
    }, 'Since Linux 6.5 the first tcp_syn_linear_timeouts (4) waits after the first are not doubled and come on top of tcp_syn_retries (6): eleven SYNs in 131 s (ip-sysctl.rst; tcp_write_timeout() and tcp_retransmit_timer() in net/ipv4/tcp_timer.c).'),
    E6: finding('The number of retries is a system setting', {
      'tcp_syn_retries 1': (run) => asPredicted(run, attempt(run, 'server', 50001)),
      'tcp_syn_retries 4': (run) => asPredicted(run, attempt(run, 'server', 50004)),
      "this kernel's own settings, as far as they were watched": (run) => asPredicted(run, attempt(run, 'client', 50006)),
    }, 'Retries are tcp_syn_retries plus tcp_syn_linear_timeouts; a wait is doubled once more timeouts than the latter have passed.'),
  },
});

/** Kernels before 6.5 have no such setting: the waits double from the first. */
const linearTimeouts = (host: Host, value?: number) => host.sysctl(linear, value).catch(() => undefined);

/** The connection a host tried to open, and how long it took to fail; no error while it was still trying. */
const attempt = (run: View, opener: HostName, port: number) => {
  const peer = opener === 'client' ? 'server' : 'client';
  const connection = run.connection(run.connections.findIndex((one) => one.opener === opener && one[peer].port === port));
  const syns = connection.segments.filter(({ from, flags }) => from === opener && flags === 'S');
  const error = connection.emits(opener, 'error')[0];
  const times = [...syns.map(({ sentAt = Number.NaN }) => sentAt), ...(error ? [error.at] : [])].map((time) => time / 1e6);
  const waits = times.slice(1).map((time, index) => time - (times[index] as number));
  return { connection, opener, syns, error, waits, total: (times.at(-1) as number) - (times[0] as number) };
};
type Attempt = ReturnType<typeof attempt>;

const fiveTimes = (_run: View, { syns, error, waits, total, ...rest }: Attempt) =>
  all(
    equal('SYNs', 5, syns.length, syns),
    asTold([1, 2, 4, 8, 16], waits, [...syns, ...(error ? [error] : [])]),
    equal('different sequence numbers', 1, new Set(syns.map(({ absolute }) => absolute.seq)).size, syns),
    equal('the error', 'ETIMEDOUT', error?.code ?? stillTrying(rest), [...syns.slice(-1), ...(error ? [error] : [])]),
    within('in all', kernelTime(31_000), error ? total : Number.NaN, 'ms', [...syns.slice(0, 1), ...(error ? [error] : syns.slice(-1))]),
  );

/** What the settings in force predict: as many waits as were watched, and all of them where the attempt has ended. */
const asPredicted = (run: View, { syns, error, waits, total, opener, ...rest }: Attempt) => {
  const [count, straight] = [retries, linear].map((name) => settingAt(run, opener, name, syns[0]?.at ?? 0)) as [number, number];
  const predicted = prediction(count, straight);
  const evidence = [...syns, ...(error ? [error] : [])];
  const watched = predicted.slice(0, error ? undefined : waits.length);
  return all(
    holds(
      `${count} + ${straight} retries`,
      error ? `${syns.length - 1} retries` : `${syns.length - 1} retries so far`,
      error ? syns.length - 1 === count + straight : syns.length - 1 <= count + straight && syns.length > 1,
      evidence,
    ),
    asTold(watched, waits, evidence),
    within('in all, so far', kernelTime(sum(watched) * 1000), total, 'ms', evidence),
    equal('it ends with', error ? 'ETIMEDOUT' : 'SYN-SENT', error?.code ?? stillTrying({ opener, ...rest }), evidence),
  );
};

/** The waits in seconds: each of the last `retries` is double the one before (tcp_retransmit_timer(), net/ipv4/tcp_timer.c). */
const prediction = (count: number, straight: number) =>
  Array.from({ length: count + straight + 1 }, (_, index) => 2 ** Math.max(0, index - straight));

const asTold = (seconds: number[], waits: number[], evidence: { id: string }[]) =>
  holds(
    `waits of ${seconds.join(', ')} s`,
    `waits of ${waits.map((wait) => (wait / 1000).toFixed(2)).join(', ')} s`,
    waits.length === seconds.length && waits.every((wait, index) => isAbout(wait, seconds[index] as number)),
    evidence,
  );
const isAbout = (wait: number, seconds: number) => {
  const [low, high] = kernelTime(seconds * 1000);
  return wait >= low && wait <= high;
};

const stillTrying = ({ connection, opener }: Pick<Attempt, 'connection' | 'opener'>) => connection.state(opener).state;

/** The value a sysctl had when the attempt began; 0 where the kernel does not know it. */
const settingAt = (run: View, host: HostName, name: string, at: number) => {
  const call = run.host(host).calls('sysctl').findLast((one) => one.args[0] === name && one.at < at);
  return Number((call?.returned?.value as { after?: string } | undefined)?.after ?? 0);
};

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
