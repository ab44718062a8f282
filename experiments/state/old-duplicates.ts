// A data segment of an old connection turns up where its four-tuple is in use again. TIME-WAIT keeps the pair free as long
// as that may happen; but without TIME-WAIT timestamps and sequence numbers keep the segment out, nearly always.
import { answerTo, contrast, equal, experiment, failsWith, none, sent, staged, type View } from '#finwait';

const old = 'old data';

/** With timestamps and without: the old segment as it was, and where its number fits the new window. */
const withoutTimeWait = [
  [
    1,
    'without TIME-WAIT timestamps keep the old segment out',
    'without TIME-WAIT timestamps keep it out even when its number fits the new window',
  ],
  [
    0,
    'without TIME-WAIT and timestamps the new sequence numbers keep it out',
    'without TIME-WAIT and timestamps it gets in when its number fits the new window',
  ],
] as const;

export default experiment({
  title: 'An old duplicate meets a new connection',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000);
    const browser = await client.node();
    const onePort = (port: number) => client.sysctl('net.ipv4.ip_local_port_range', `${port} ${port}`);
    /** A whole connection, closed by the client first; resolves to its data segment. */
    const transfer = async () => {
      const socket = await browser.connect(server, 50000);
      const data = wire.next(sent('client', 'data'));
      await socket.write(old);
      await socket.end();
      await socket.event('close');
      return data;
    };

    await onePort(40001);
    await transfer();
    await stage('when the kernel chooses the port', () => browser.connect(server, 50000));

    await client.sysctl('net.ipv4.tcp_max_tw_buckets', 0); // from here on there is no TIME-WAIT
    for (const [timestamps, replayed, injected] of withoutTimeWait) {
      await client.sysctl('net.ipv4.tcp_timestamps', timestamps);
      await onePort(40003 - timestamps);
      const late = await transfer();
      await browser.connect(server, 50000); // the same pair
      await stage(replayed, () => wire.replay(late));
      // Sequence numbers come round: the old segment, timestamp and all, where it lies in the window.
      const options = timestamps ? { timestamps: late.options.timestamps } : {};
      await stage(injected, () => wire.inject({ from: 'client', flags: 'P.', seq: 1, ack: 1, payload: old, options }));
    }
  },

  furtherCases: { D6: ['time-wait-taken'] },
  findings: {
    D6: staged(
      'TIME-WAIT keeps segments of an old connection out of a new one on the same address pair',
      {
        'when the kernel chooses the port': ({ client, segments }) => {
          const waiting = client.rows({ state: 'TIME-WAIT' }).slice(0, 1);
          return [failsWith('EADDRNOTAVAIL', client.emits('error'), waiting), none('segments', segments(), waiting)];
        },
        'without TIME-WAIT timestamps keep the old segment out': contrast((view) => fate(view)),
        'without TIME-WAIT timestamps keep it out even when its number fits the new window': contrast((view) =>
          fate(view),
        ),
        'without TIME-WAIT and timestamps the new sequence numbers keep it out': contrast((view) => fate(view)),
        'without TIME-WAIT and timestamps it gets in when its number fits the new window': contrast((view) =>
          fate(view, 'read'),
        ),
      },
      'What keeps old segments out of a new connection are timestamps (PAWS, RFC 7323, section 5; tcp_validate_incoming()) ' +
        'and initial sequence numbers that move ahead (RFC 6528). TIME-WAIT is the last guard only with timestamps off and an old number in the new window.',
    ),
  },
});

/** The old segment. One that is kept out is answered (RFC 9293, section 3.10.7.4): else nobody knows that it was looked at. */
const fate = (view: View, expected: 'read' | 'kept out' = 'kept out') => {
  const late = view.segments({ from: 'client' }).find(({ origin }) => origin === 'replay' || origin === 'inject');
  const answer = answerTo(late, view.segments());
  const read = view.server.reads().filter(({ text }) => text === old);
  const found = read.length > 0 ? 'read' : answer ? 'kept out' : 'not answered';
  return equal('the old segment', expected, found, [late, answer, ...read]);
};
