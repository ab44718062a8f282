// The cable is pulled while data is in flight: it is sent again after the RTO, after twice as long each time, up to a
// longest wait, until the connection is given up without a word on the wire. `cable-cut-retries` asks how often.
import { endState, equal, experiment, failsWith, finding, limit, none, type View, waits, within } from '#finwait';

const longestWait = 'net.ipv4.tcp_rto_max_ms';

export default experiment({
  title: 'The cable is pulled while data is in flight',
  article: 'disconnect-experiments',
  longestWaitSeconds: 20,
  freeRun: true,
  timeoutSeconds: 1200,

  async run({ client, server, wire, stage, note, pace }) {
    // Instead of two minutes. Before Linux 6.15 it cannot be lowered, and this takes a quarter of an hour.
    if (pace === 'quick') await client.sysctl(longestWait, 1000).catch(() => note('The longest wait stays 120 s.'));
    await client.sysctl('net.ipv4.tcp_retries2', 15); // the default, and the article's number
    const app = await server.node();
    const browser = await client.node();
    const open = async (port: number) => {
      await app.listen(port);
      const socket = await browser.connect(server, port);
      // Round trips to measure, several: the RTO follows from their average, and one may have met a busy machine.
      for (let trip = 0; trip < 10; trip++) await socket.write('still here');
      return socket;
    };
    // Undisturbed, so that the round trips are the kernels' own.
    const [plain, probed] = await stage('round trips', { undisturbed: true }, async () => {
      return [await open(50000), await open(50001)] as const;
    });

    await stage('cut', async () => {
      await wire.cut();
      await client.sysctl('net.ipv4.tcp_early_retrans', 0);
      await plain.write('lost');
      await client.sysctl('net.ipv4.tcp_early_retrans', 3); // this kernel's default: a tail loss probe goes before
      await probed.write('lost');
      for (const end of [plain, probed]) await end.event('close', { timeoutMs: 1_100_000 });
    });
  },

  furtherCases: { C4: ['cable-cut-retries'] },
  findings: {
    C4: finding(
      'Data in flight is sent again after 200 ms, then after twice as long each time, at most 120 s apart, 15 times; then the connection is dropped without a closing segment',
      {
        'of the waits': (run) => doubling(run, 50001),
        'of the end, without FIN or RST': (run) => [ending(run, 50000), ending(run, 50001)],
        'of the waits without a tail loss probe': limit(
          (run) => doubling(run, 50000),
          'this kernel sends one by default, and the article changes no setting',
        ),
      },
      'A tail loss probe (RFC 8985, section 7; tcp_early_retrans, since 3.10) goes out once before the retransmissions begin. ' +
        'The longest wait is TCP_RTO_MAX, 120 s, since 6.15 also tcp_rto_max_ms.',
    ),
  },
});

/** Each wait is the RTO ss showed before, doubled each time, up to the longest. */
const doubling = (run: View, port: number) => {
  const connection = run.connectionTo(port);
  const [lost, ...again] = connection.during('cut').segments;
  const before = connection.between(undefined, connection.calls('client', 'write').at(-1)).row('client');
  const rto = Number(before.row.info.rto);
  const setting = run.client.setting(longestWait);
  const longest = Number(setting?.value ?? 120_000);
  const expected = again.map((_, index) => Math.min(rto * 2 ** index, longest));
  return [
    within('the RTO as ss shows it', [200, 400], rto, 'ms', [before]),
    waits(expected, [lost, ...again]),
    equal('the longest wait', longest, expected.at(-1), [setting, ...again.slice(-2)]),
  ];
};

const ending = (run: View, port: number) => {
  const connection = run.connectionTo(port);
  return [
    failsWith('ETIMEDOUT', connection.emits('client', 'error'), connection.segments),
    none('FIN or RST', connection.closing, connection.segments.slice(-1)),
    endState(connection, 'client', 'CLOSED'),
  ];
};
