// Is there a setting that shortens TIME-WAIT? One connection for each that might, closed by the client while the setting
// is in force; all minutes pass together.
import { connected, contrast, elapsed, experiment, finding, kernelTime, states, type View, within } from '#finwait';

/** Settings of the client, by the port of the connection that closes under them. */
const settings: [port: number, values: Record<string, number>][] = [
  [50000, { tcp_tw_reuse: 1 }],
  [50001, { tcp_timestamps: 0 }],
  [50002, { tcp_keepalive_time: 5, tcp_keepalive_intvl: 1, tcp_orphan_retries: 1, tcp_retries2: 3, tcp_rfc1337: 1 }],
  [50003, { tcp_max_tw_buckets: 0 }],
  [50004, { tcp_fin_timeout: 5 }], // the last, so that it is in force for the whole minute
];

export default experiment({
  title: 'Settings that might shorten TIME-WAIT',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 61,

  async run({ client, server }) {
    for (const [port, values] of settings) {
      const before: Record<string, string> = {};
      for (const name in values) before[name] = await client.sysctl(`net.ipv4.${name}`, values[name]);
      const { socket, accepted } = await connected(client, server, port);
      await socket.end();
      await accepted.end();
      for (const name in before) if (port !== 50004) await client.sysctl(`net.ipv4.${name}`, before[name]);
    }
    await client.untilGone({ state: 'TIME-WAIT' });
  },

  furtherCases: { D10: ['time-wait-remedies'] },
  findings: {
    D10: finding(
      'The remedy against TIME-WAIT sockets is to shorten TIME-WAIT',
      {
        'with tcp_fin_timeout 5': (run) => isShorter(run, 50004),
        'with tcp_tw_reuse 1': (run) => isShorter(run, 50000),
        'with tcp_timestamps 0': (run) => isShorter(run, 50001),
        'with everything else that is a time of TCP, small': (run) => isShorter(run, 50002),
        'with tcp_max_tw_buckets 0 TIME-WAIT is not shorter, but never entered': contrast((run) =>
          states('the client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSED'], run.connectionTo(50003).closingStates('client')),
        ),
      },
      'tcp_time_wait() in net/ipv4/tcp_minisocks.c arms TCP_TIMEWAIT_LEN whatever the settings; tcp_fin_timeout is for FIN-WAIT-2 alone. ' +
        'tcp_max_tw_buckets shortens nothing: a socket beyond it never enters TIME-WAIT.',
    ),
  },
});

/** Than the minute that is compiled in (TCP_TIMEWAIT_LEN). */
const isShorter = (run: View, port: number) => {
  const [timeWait, end] = run.connectionTo(port).closingStates('client').slice(-2);
  return within('TIME-WAIT', [0, kernelTime(60_000)[0]], elapsed(timeWait, end), 'ms', [timeWait, end]);
};
