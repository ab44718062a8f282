// A peer whose TCP is a script, the article's own way to make FINs cross: once it acknowledges the kernel's FIN, once
// it never does.
import {
  all,
  claim,
  equal,
  experiment,
  finding,
  followsScript,
  holds,
  sent,
  states,
  type View,
  waitsBetween,
} from '#finwait';

const acknowledged = 'the peer acknowledges the FIN';
const ignored = 'the peer never acknowledges the FIN';

export default experiment({
  title: 'A scripted peer closes at the same time',
  article: 'close-variants',
  longestWaitSeconds: 8,

  async run({ packetdrill, stage, observe }) {
    await stage(acknowledged, async () => {
      await packetdrill('crossing-fins.pkt');
      await observe(3000, { everyMs: 500 });
    });
    await stage(ignored, { undisturbed: true }, () => packetdrill('unacknowledged-fin.pkt'));
  },

  findings: {
    B3: finding('Both closing at the same time crosses the FINs; both ends pass through CLOSING, then TIME-WAIT', {
      'with a scripted peer, as in the article': (run) => {
        const connection = run.during(acknowledged).connection();
        const [own, crossing] = connection.closing;
        return all(
          followsScript(run.during(acknowledged)),
          equal("ack of the peer's FIN, which does not cover the kernel's", own?.seq, crossing?.ack, [own, crossing]),
          states('server', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], connection.closingStates('server')),
        );
      },
    }),
    B5: finding('The FIN keeps being retransmitted, by a bug of the kernel', {
      'that it is sent again, ever later, while the peer does not acknowledge it': (run) => {
        const fins = finsOf(run, ignored);
        const waits = waitsBetween(fins).map(Math.round);
        // The first may be a tail loss probe (RFC 8985), which has a timer of its own; from then on the timeout doubles.
        const timed = fins.slice(1).filter(({ cause }) => cause?.kind === 'timer');
        const isLonger = waits.slice(2).every((wait, index) => wait > 1.7 * (waits[index + 1] ?? 0));
        const shown = `waits of ${waits.join(', ')} ms`;
        return all(
          followsScript(run.during(ignored)),
          holds('at least 4 retransmissions by kernel timers', `${timed.length} of them`, timed.length >= 4, fins),
          holds('each wait about twice the one before', shown, waits.length > 3 && isLonger, fins),
        );
      },
      'that it is a bug, which would send it again though the peer acknowledges it': claim((run) => {
        const { segments, between, rows } = run.during(acknowledged).connection();
        const ack = segments.findLast(sent('client'));
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
    B6: finding('The ACK sent in answer to a crossed FIN carries a sequence number one past the own FIN', {
      'with a scripted peer, as in the article': (run) => {
        const [own, , answer] = run.during(acknowledged).connection().closing;
        return equal('sequence number of the answer', (own?.seq ?? 0) + 1, answer?.seq, [own, answer]);
      },
    }),
  },
});

/** The FINs the kernel sent in a stage: the first, and every retransmission. */
const finsOf = (run: View, stage: string) => run.during(stage).connection().segments.filter(sent('server', 'FIN'));
