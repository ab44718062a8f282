// Both sides close at the same time: each FIN leaves before the other arrives, and neither acknowledges the other. Both
// ends go through CLOSING to TIME-WAIT. Beside it the close in which one FIN answers the other.
import { answerTo, carries, connected, equal, experiment, finding, none, sequence, staged, states } from '#finwait';

export default experiment({
  title: 'Both sides close at the same time',
  article: 'close-variants',
  retransmitAfterSeconds: 5, // no FIN is sent again while the wire holds it

  async run({ client, server, wire, stage }) {
    await stage('when the wire lets them cross', async () => {
      const { socket, accepted } = await connected(client, server, 50000);
      await wire.hold(carries('FIN'), { times: 2 });
      await Promise.all([socket.end(), accepted.end()]);
      await wire.release();
    });
    await stage('one FIN answers the other', async () => {
      const { socket, accepted } = await connected(client, server, 50001);
      await accepted.react({ on: 'end', do: 'end' });
      await socket.end();
    });
  },

  furtherCases: { B3: ['scripted-peer'], B6: ['scripted-peer'] },
  findings: {
    B3: staged('Both closing at the same time crosses the FINs; both ends pass through CLOSING, then TIME-WAIT', {
      'when the wire lets them cross': (view) => {
        const { closing, closingStates } = view.connection();
        const fins = closing.filter(carries('FIN'));
        return [
          none('FINs sent once the other had arrived', [answerTo(fins[0], fins), answerTo(fins[1], fins)], fins),
          states('client', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], closingStates('client')),
          states('server', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], closingStates('server')),
        ];
      },
    }),
    B4: finding('A crossed FIN is told from a merged one by its ack number: it does not cover the other FIN', {
      'of a crossed and a merged one side by side': (run) => {
        const [, crossed] = run.during('when the wire lets them cross').segments().filter(carries('FIN'));
        const [, merged] = run.during('one FIN answers the other').segments().filter(carries('FIN'));
        return [
          equal('ack of the crossed FIN', 1, crossed?.ack, [crossed]),
          equal('ack of the FIN that answers', 2, merged?.ack, [merged]),
        ];
      },
    }),
    B6: finding('The ACK sent in answer to a crossed FIN carries a sequence number one past the own FIN', {
      'of both answers, when the wire lets the FINs cross': (run) => {
        const { closing } = run.during('when the wire lets them cross').connection();
        const answers = closing.filter(({ flags }) => flags === '.').sort((a, b) => a.from.localeCompare(b.from));
        return sequence(answers, ['client . 2:2(0) ack 2', 'server . 2:2(0) ack 2']);
      },
    }),
  },
});
