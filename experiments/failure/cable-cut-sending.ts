// The cable is pulled while data is in flight: when is it sent again, how often, and what is left of the connection in the end?
import {
  all,
  type Check,
  equal,
  experiment,
  finding,
  type HostName,
  holds,
  kernelTime,
  none,
  type View,
  within,
} from '#finwait';

/** One connection per question, known by the server's port. */
const ports = { plain: 50000, probed: 50001, few: 50002, slow: 50003 };

export default experiment({
  title: 'The cable is pulled while data is in flight',
  article: 'disconnect-experiments',
  longestWaitSeconds: 20,
  freeRun: true,
  timeoutSeconds: 1200,

  async run({ client, server, wire, stage, note, pace }) {
    const app = await server.node();
    const browser = await client.node();
    if (pace === 'quick') {
      const lowered = client.sysctl('net.ipv4.tcp_rto_max_ms', 1000); // instead of two minutes
      await lowered.catch(() =>
        note('Before Linux 6.15 the longest wait cannot be lowered: this takes a quarter of an hour.'),
      );
    }
    await client.sysctl('net.ipv4.tcp_retries2', 15); // the default, and the article's number
    await server.sysctl('net.ipv4.tcp_early_retrans', 0);
    const open = async (port: number, delay = 0) => {
      await app.listen(port);
      await wire.delay(delay);
      const socket = await browser.connect(server, port);
      const accepted = await app.accepted();
      for (const end of [socket, accepted]) await end.write('still here'); // round trips to measure
      return { socket, accepted };
    };
    const plain = await open(ports.plain);
    const probed = await open(ports.probed);
    const few = await open(ports.few);
    const slow = await open(ports.slow, 300);
    await wire.delay(0);

    await stage('cut', async () => {
      await wire.cut();
      await client.sysctl('net.ipv4.tcp_early_retrans', 0);
      await plain.socket.write('lost');
      await client.sysctl('net.ipv4.tcp_early_retrans', 3); // this kernel's default: a tail loss probe goes before
      await probed.socket.write('lost');
      await server.sysctl('net.ipv4.tcp_retries2', 2);
      await slow.accepted.write('lost');
      await slow.accepted.event('close');
      await server.sysctl('net.ipv4.tcp_retries2', 5);
      await few.accepted.write('lost');
      for (const end of [few.accepted, plain.socket, probed.socket]) await end.event('close', { timeoutMs: 1_100_000 });
    });
  },

  findings: {
    C4: finding(
      'Data in flight is sent again after 200 ms, then after twice as long each time, at most 120 s apart, 15 times; then the connection is dropped without a closing segment',
      {
        'the waits, no tail loss probe': (run) => waits(run, 'plain'),
        'the waits, as this kernel does by default': (run) => waits(run, 'probed'),
        'how often: tcp_retries2 15, no tail loss probe': (run) => count(run, 'plain', 15),
        'how often: tcp_retries2 15, as this kernel does by default': (run) => count(run, 'probed', 15),
        'how often: tcp_retries2 5': (run) => count(run, 'few', 5),
        'how often: tcp_retries2 2, round trip 600 ms': (run) => count(run, 'slow', 2),
        'the end of each': (run) => all(...(Object.keys(ports) as Name[]).map((name) => ending(run, name))),
      },
      'tcp_retries2 is turned into a time, that of so many doublings from 200 ms (retransmits_timed_out() in net/ipv4/tcp_timer.c, since 2.6.32): the count ' +
        'follows from the RTO. A tail loss probe (RFC 8985, section 7; tcp_early_retrans, since 3.10) goes out once before the retransmissions begin. ' +
        'The longest wait is TCP_RTO_MAX, 120 s, since 6.15 also tcp_rto_max_ms.',
    ),
  },
});

type Name = keyof typeof ports;

/** The connection, its sender, the segment that was lost, and when it was sent again. */
const story = (run: View, name: Name) => {
  const connection = run.connectionTo(ports[name]);
  const from: HostName = name === 'few' || name === 'slow' ? 'server' : 'client';
  const lost = connection.segments.find((segment) => segment.from === from && segment.fate === 'dropped');
  if (!lost) throw new Error(`nothing was lost on port ${ports[name]}`);
  const again = connection.segments.filter(({ retransmissionOf }) => retransmissionOf === lost.id);
  return { connection, from, lost, again };
};

/** Each wait is the RTO ss showed before, doubled each time, up to the longest. */
const waits = (run: View, name: Name): Check => {
  const { connection, from, lost, again } = story(run, name);
  const before = connection.rows(from).findLast(({ at }) => at < lost.at);
  const rto = Number(before?.row.info.rto);
  const sysctl = run
    .host(from)
    .calls('sysctl')
    .find(({ args }) => args[0] === 'net.ipv4.tcp_rto_max_ms');
  const longest = Number((sysctl?.returned?.value as { after?: string } | undefined)?.after ?? 120_000);
  const gaps = again.map(({ at }, index) => (at - (again[index - 1] ?? lost).at) / 1e6);
  const wrong = gaps.findIndex((gap, index) => {
    const [low, high] = kernelTime(Math.min(rto * 2 ** index, longest));
    return gap < low || gap > high;
  });
  return all(
    within('the RTO as ss shows it', [200, 400], rto, 'ms', [before]),
    holds(
      `waits of ${rto} ms, doubled each time up to ${longest} ms`,
      `waits of ${gaps.map((gap) => Math.round(gap)).join(', ')} ms${wrong < 0 ? '' : ` (not so: the ${wrong + 1}.)`}`,
      gaps.length > 0 && wrong < 0 && Math.max(...gaps) >= longest - 20,
      [sysctl, lost, ...again],
    ),
  );
};

const count = (run: View, name: Name, expected: number) => {
  const { lost, again } = story(run, name);
  return equal('retransmissions', expected, again.length, [lost, ...again]);
};

const ending = (run: View, name: Name) => {
  const { connection, from, lost } = story(run, name);
  const errors = connection.emits(from, 'error');
  const closing = connection.segments.filter(({ flags, at }) => at >= lost.at && /[FR]/.test(flags));
  return all(
    equal(`error (${name})`, 'ETIMEDOUT', errors.map(({ code }) => code).join(), errors),
    none(`FIN or RST (${name})`, closing, connection.states(from).slice(-1)),
    equal(`state (${name})`, 'CLOSED', connection.state(from).state, [connection.state(from)]),
  );
};
