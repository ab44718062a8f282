// The cable is pulled while data is in flight: when is it sent again, how often, and what is left of the connection in the end?
import {
  all,
  count,
  endState,
  equal,
  experiment,
  failsWith,
  finding,
  limit,
  none,
  type View,
  waits,
  within,
} from '#finwait';

/** One connection per question, known by the server's port, and who loses data on it. */
const questions = {
  plain: { port: 50000, from: 'client' },
  probed: { port: 50001, from: 'client' },
  few: { port: 50002, from: 'server' },
  slow: { port: 50003, from: 'server' },
} as const;
type Name = keyof typeof questions;

const longestWait = 'net.ipv4.tcp_rto_max_ms';
const noProbe = 'this kernel sends one by default, and the article changes no setting';

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
      const lowered = client.sysctl(longestWait, 1000); // instead of two minutes
      await lowered.catch(() =>
        note('Before Linux 6.15 the longest wait cannot be lowered: this takes a quarter of an hour.'),
      );
    }
    await client.sysctl('net.ipv4.tcp_retries2', 15); // the default, and the article's number
    await server.sysctl('net.ipv4.tcp_early_retrans', 0);
    const open = async (name: Name, { delay = 0, trips = 10 } = {}) => {
      await app.listen(questions[name].port);
      await wire.delay(delay);
      const socket = await browser.connect(server, questions[name].port);
      const accepted = await app.accepted();
      const sender = questions[name].from === 'client' ? socket : accepted;
      // Round trips to measure, several: the RTO follows from their average, and one of them may have met a busy machine.
      for (let trip = 0; trip < trips; trip++) await sender.write('still here');
      return sender;
    };
    // Undisturbed, so that the round trips are the kernels' own: the RTO follows from them.
    const [plain, probed, few, slow] = await stage('round trips', { undisturbed: true }, async () => {
      const plain = await open('plain');
      const probed = await open('probed');
      const few = await open('few');
      const slow = await open('slow', { delay: 300, trips: 2 });
      await wire.delay(0);
      return [plain, probed, few, slow] as const;
    });

    await stage('cut', async () => {
      await wire.cut();
      await client.sysctl('net.ipv4.tcp_early_retrans', 0);
      await plain.write('lost');
      await client.sysctl('net.ipv4.tcp_early_retrans', 3); // this kernel's default: a tail loss probe goes before
      await probed.write('lost');
      await server.sysctl('net.ipv4.tcp_retries2', 2);
      await slow.write('lost');
      await slow.event('close');
      await server.sysctl('net.ipv4.tcp_retries2', 5);
      await few.write('lost');
      for (const end of [few, plain, probed]) await end.event('close', { timeoutMs: 1_100_000 });
    });
  },

  findings: {
    C4: finding(
      'Data in flight is sent again after 200 ms, then after twice as long each time, at most 120 s apart, 15 times; then the connection is dropped without a closing segment',
      {
        'of the waits': (run) => doubling(run, 'probed'),
        'of their number': (run) => howOften(run, 'probed', 15),
        'of the end, without FIN or RST': (run) =>
          all(...(Object.keys(questions) as Name[]).map((name) => ending(run, name))),
        'of the waits without a tail loss probe': limit((run) => doubling(run, 'plain'), noProbe),
        'of their number without it': limit((run) => howOften(run, 'plain', 15), noProbe),
        'with tcp_retries2 5': limit((run) => howOften(run, 'few', 5), 'the article has 15'),
        'with tcp_retries2 2 and a round trip of 600 ms': limit(
          (run) => howOften(run, 'slow', 2),
          'the article has 15, and a network as it is',
        ),
      },
      'tcp_retries2 is turned into a time, that of so many doublings from 200 ms (retransmits_timed_out() in net/ipv4/tcp_timer.c, since 2.6.32): the count ' +
        'follows from the RTO. A tail loss probe (RFC 8985, section 7; tcp_early_retrans, since 3.10) goes out once before the retransmissions begin. ' +
        'The longest wait is TCP_RTO_MAX, 120 s, since 6.15 also tcp_rto_max_ms.',
    ),
  },
});

/** The connection, its sender, the segment that was lost, and when it was sent again. */
const story = (run: View, name: Name) => {
  const { port, from } = questions[name];
  const connection = run.connectionTo(port);
  const lost = connection.segments.find((segment) => segment.from === from && segment.fate === 'dropped');
  if (!lost) throw new Error(`nothing was lost on port ${port}`);
  const again = connection.segments.filter(({ retransmissionOf }) => retransmissionOf === lost.id);
  return { connection, from, lost, again };
};

/** Each wait is the RTO ss showed before, doubled each time, up to the longest. */
const doubling = (run: View, name: Name) => {
  const { connection, from, lost, again } = story(run, name);
  const write = connection.calls(from, 'write').at(-1);
  const before = connection.between(undefined, write).row(from);
  const rto = Number(before.row.info.rto);
  const setting = run.host(from).setting(longestWait);
  const longest = Number(setting?.value ?? 120_000);
  const expected = again.map((_, index) => Math.min(rto * 2 ** index, longest));
  return all(
    within('the RTO as ss shows it', [200, 400], rto, 'ms', [before]),
    waits(expected, [lost, ...again]),
    equal('the longest wait', longest, expected.at(-1), [setting, ...again.slice(-2)]),
  );
};

const howOften = (run: View, name: Name, times: number) => count('retransmissions', times, story(run, name).again);

const ending = (run: View, name: Name) => {
  const { connection, from, lost } = story(run, name);
  return all(
    failsWith('ETIMEDOUT', connection.emits(from, 'error'), [lost]),
    none(`FIN or RST (${name})`, connection.between(lost).closing, [lost]),
    endState(connection, from, 'CLOSED'),
  );
};
