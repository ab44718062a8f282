// How long TIME-WAIT lasts on this kernel: whoever closes first, and with the settings that are times of TCP changed. The
// connections are closed one after the other, and all minutes pass together. `time-wait-settings` tries to shorten it.
import { causedBy, connected, contrast, experiment, finding, lasts, limit, states, type View } from '#finwait';

const noSetting = 'the article speaks of no setting';

export default experiment({
  title: 'How long TIME-WAIT lasts',
  article: ['close-variants', 'establish-and-release'],
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 61,

  async run({ client, server }) {
    const serverFirst = await connected(client, server, 50000);
    await serverFirst.accepted.end();
    await serverFirst.socket.end();
    const clientCloses = async (port: number) => {
      const { socket, accepted } = await connected(client, server, port);
      await socket.end();
      await accepted.end();
    };
    await clientCloses(50001);
    await client.sysctl('net.ipv4.tcp_fin_timeout', 240);
    await clientCloses(50002);
    await client.sysctl('net.ipv4.tcp_keepalive_time', 5);
    await client.sysctl('net.ipv4.tcp_keepalive_intvl', 1);
    await client.sysctl('net.ipv4.tcp_orphan_retries', 1);
    await client.sysctl('net.ipv4.tcp_retries2', 3);
    await client.sysctl('net.ipv4.tcp_rfc1337', 1);
    await clientCloses(50003);

    await server.untilGone({ state: 'TIME-WAIT' });
    await client.untilGone({ state: 'TIME-WAIT' });
  },

  furtherCases: { D3: ['close-both-sides'] },
  findings: {
    B10: finding(
      'TIME-WAIT lasts 2 MSL, with MSL two minutes, so four minutes',
      {
        'with default settings': (run) => timeWait(run, 50001, 240_000),
        'with tcp_fin_timeout 240': limit((run) => timeWait(run, 50002, 240_000), noSetting),
        'with every other time of TCP changed': limit((run) => timeWait(run, 50003, 240_000), noSetting),
        'it lasts one minute': contrast((run) => timeWait(run, 50001, 60_000)),
      },
      'Linux has no MSL: TCP_TIMEWAIT_LEN in include/net/tcp.h is 60 seconds, compiled in. Two minutes are the MSL of RFC 9293, section 3.4.2.',
    ),
    D7: finding(
      'TIME-WAIT is 2 MSL: 240 seconds (the article says so of Windows)',
      {
        'when the client has closed first': (run) => timeWait(run, 50001, 240_000),
        'when the server has closed first': (run) => timeWait(run, 50000, 240_000),
        'it lasts one minute': contrast((run) => [timeWait(run, 50001, 60_000), timeWait(run, 50000, 60_000)]),
      },
      'Decided for this kernel (TCP_TIMEWAIT_LEN, 60 seconds); what Windows does is not on this wire.',
    ),
    D3: finding(
      'The closer goes FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED; the other end CLOSE-WAIT, LAST-ACK, CLOSED',
      {
        'when the client closes first': (run) => toTheEnd(run, 50001, ['client', 'server']),
        'when the server closes first': (run) => toTheEnd(run, 50000, ['server', 'client']),
      },
    ),
  },
});

const timeWait = (run: View, port: number, milliseconds: number) =>
  lasts(run.connectionTo(port), port === 50000 ? 'server' : 'client', 'TIME-WAIT', milliseconds);

const toTheEnd = (run: View, port: number, [active, passive]: ['client' | 'server', 'client' | 'server']) => {
  const { closingStates } = run.connectionTo(port);
  return [
    states('active close', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED'], closingStates(active)),
    causedBy(closingStates(active).at(-1), 'timewait'),
    states('passive close', ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'], closingStates(passive)),
  ];
};
