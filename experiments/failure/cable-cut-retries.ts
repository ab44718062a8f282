// The cable is pulled while data is in flight. How often is it sent again before the connection is given up? The setting
// is tcp_retries2; but the kernel turns it into a time, so that the count follows from the RTO as well.
import { count, experiment, finding, limit, type View } from '#finwait';

export default experiment({
  title: 'How often data is sent again over a cut cable',
  article: 'disconnect-experiments',
  longestWaitSeconds: 20,
  freeRun: true,
  timeoutSeconds: 1200,

  async run({ client, server, wire, stage, note, pace }) {
    const lowered = pace === 'quick' && client.sysctl('net.ipv4.tcp_rto_max_ms', 1000); // instead of two minutes
    // Before Linux 6.15 the longest wait cannot be lowered, and this takes a quarter of an hour.
    if (lowered) await lowered.catch(() => note('The longest wait stays 120 s.'));
    await client.sysctl('net.ipv4.tcp_retries2', 15); // the default, and the article's number
    await server.sysctl('net.ipv4.tcp_early_retrans', 0);
    const app = await server.node();
    const browser = await client.node();
    const open = async (port: number) => {
      await app.listen(port);
      return { socket: await browser.connect(server, port), accepted: await app.accepted() };
    };
    // Round trips to measure, several: the RTO follows from their average, and one may have met a busy machine.
    const measure = async (end: { write(text: string): Promise<void> }, trips = 10) => {
      for (let trip = 0; trip < trips; trip++) await end.write('still here');
    };
    // Undisturbed, so that the round trips are the kernels' own.
    const { plain, probed, few, slow } = await stage('round trips', { undisturbed: true }, async () => {
      const [{ socket: plain }, { socket: probed }] = [await open(50000), await open(50001)];
      const { accepted: few } = await open(50002);
      for (const end of [plain, probed, few]) await measure(end);
      await wire.delay(300);
      const { accepted: slow } = await open(50003);
      await measure(slow, 2);
      await wire.delay(0);
      return { plain, probed, few, slow };
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

  furtherCases: { C4: ['cable-cut-sending'] },
  findings: {
    C4: finding(
      'Data in flight is sent again after 200 ms, then after twice as long each time, at most 120 s apart, 15 times; then the connection is dropped without a closing segment',
      {
        'of their number': (run) => isSentAgain(run, 50001, 15),
        'of their number without it': limit(
          (run) => isSentAgain(run, 50000, 15),
          'this kernel sends one by default, and the article changes no setting',
        ),
        'with tcp_retries2 5': limit((run) => isSentAgain(run, 50002, 5), 'the article has 15'),
        'with tcp_retries2 2 and a round trip of 600 ms': limit(
          (run) => isSentAgain(run, 50003, 2),
          'the article has 15, and a network as it is',
        ),
      },
      'tcp_retries2 is turned into a time, that of so many doublings from 200 ms (retransmits_timed_out() in net/ipv4/tcp_timer.c, since 2.6.32): the count ' +
        'follows from the RTO.',
    ),
  },
});

const isSentAgain = (run: View, port: number, times: number) =>
  count('retransmissions', times, run.connectionTo(port).during('cut').segments.slice(1));
