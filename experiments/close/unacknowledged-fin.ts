// A FIN that nobody acknowledges is sent again and again. The article puts it down to a bug of the kernel. Then it would
// be sent again although it is acknowledged, too: two scripted peers, one that acknowledges it and one that never does.
import { claim, experiment, finding, followsScript, holds, sent, waitsBetween } from '#finwait';

export default experiment({
  title: 'A scripted peer never acknowledges the FIN',
  article: 'close-variants',
  longestWaitSeconds: 8,

  async run({ packetdrill, stage, observe }) {
    await stage('the peer acknowledges the FIN', async () => {
      await packetdrill('crossing-fins.pkt');
      await observe(3000, { everyMs: 500 });
    });
    await stage('the peer never does', { undisturbed: true }, () => packetdrill('unacknowledged-fin.pkt'));
  },

  findings: {
    B5: finding('The FIN keeps being retransmitted, by a bug of the kernel', {
      'that it is sent again, ever later, while the peer does not acknowledge it': (run) => {
        const view = run.during('the peer never does');
        const fins = view.connection().segments.filter(sent('server', 'FIN'));
        const byTimer = fins.slice(1).filter(({ cause }) => cause?.kind === 'timer');
        // The first may be a tail loss probe (RFC 8985), which has a timer of its own; from then on the timeout doubles.
        const waits = waitsBetween(fins).slice(1);
        const isLonger = waits.slice(1).every((wait, index) => wait > 1.7 * (waits[index] ?? 0));
        return [
          followsScript(view),
          holds('at least 4 retransmissions by kernel timers', `${byTimer.length} of them`, byTimer.length >= 4, fins),
          holds(
            'each wait about twice the one before',
            `${waits.map(Math.round)} ms`,
            waits.length > 2 && isLonger,
            fins,
          ),
        ];
      },
      'that it is a bug, which would send it again though the peer acknowledges it': claim((run) => {
        const { segments, between, rows } = run.during('the peer acknowledges the FIN').connection();
        const ack = segments.findLast(({ from }) => from === 'client');
        const later = between(ack?.receivedAt).segments.filter(sent('server', 'FIN'));
        const rto = Math.max(...rows('server').map(({ row }) => Number(row.info.rto ?? 0)));
        const last = rows('server').at(-1);
        const [watched] = waitsBetween([ack, last]).map(Math.round);
        return holds(
          'the FIN again, though it is acknowledged',
          `${later.length} more FINs in the ${watched} ms after the ACK, with a retransmission timeout of ${rto} ms`,
          later.length > 0,
          [ack, ...later, last],
        );
      }, 'the article puts it down to a bug: the timer of a FIN that is not acknowledged is none (RFC 9293, section 3.8.1)'),
    }),
  },
});
