// A peer whose TCP is a script, the article's own way to make FINs cross: it answers the kernel's FIN with one of its
// own that does not acknowledge it. `unacknowledged-fin` asks what becomes of a FIN that nobody acknowledges.
import { equal, experiment, followsScript, staged, states } from '#finwait';

export default experiment({
  title: 'A scripted peer closes at the same time',
  article: 'close-variants',

  async run({ packetdrill, stage }) {
    await stage('with a scripted peer, as in the article', () => packetdrill('crossing-fins.pkt'));
  },

  furtherCases: { B3: ['simultaneous-close'], B6: ['simultaneous-close'] },
  findings: {
    B3: staged('Both closing at the same time crosses the FINs; both ends pass through CLOSING, then TIME-WAIT', {
      'with a scripted peer, as in the article': (view) => {
        const { closing, closingStates } = view.connection();
        const [own, crossing] = closing;
        return [
          followsScript(view),
          equal("ack of the peer's FIN, which does not cover the kernel's", own?.seq, crossing?.ack, [own, crossing]),
          states('server', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], closingStates('server')),
        ];
      },
    }),
    B6: staged('The ACK sent in answer to a crossed FIN carries a sequence number one past the own FIN', {
      'with a scripted peer, as in the article': (view) => {
        const [own, , answer] = view.connection().closing;
        return equal('sequence number of the answer', own && own.seq + 1, answer?.seq, [own, answer]);
      },
    }),
  },
});
