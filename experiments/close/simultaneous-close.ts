// Both ends close before either has heard of the other's close: the wire holds both FINs and lets them cross.
import { all, carries, equal, experiment, finding, type HostName, holds, sequence, states, type View } from '#finwait';

export default experiment({
  title: 'Both sides close at the same time',
  article: 'close-variants',
  retransmitAfterSeconds: 5, // no FIN is sent again while the wire holds it

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();

    await stage('the FINs cross', async () => {
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      const accepted = await app.accepted();
      await wire.hold(carries('FIN'), { from: 'client', times: 1 });
      await wire.hold(carries('FIN'), { from: 'server', times: 1 });
      await Promise.all([socket.end(), accepted.end()]);
      await wire.release();
    });

    await stage('one FIN answers the other', async () => {
      await app.listen(50001); // Node's default closes as soon as the other end has
      const socket = await browser.connect(server, 50001);
      await app.accepted();
      await socket.end();
      await socket.event('close');
      await wire.quiet();
    });
  },

  findings: {
    B3: finding('Both closing at the same time crosses the FINs; both ends pass through CLOSING, then TIME-WAIT', {
      'when the wire lets them cross': (run) => {
        const view = run.during('the FINs cross');
        const [first, second] = finsOf(view);
        const isBefore = (sent = Number.NaN, arrived = Number.NaN) => sent < arrived;
        const cross =
          isBefore(first?.sentAt, second?.receivedAt) &&
          isBefore(second?.sentAt, first?.receivedAt) &&
          first?.from !== second?.from;
        const changes = view.connection().closingStates;
        return all(
          holds('each FIN is sent before the other arrives', `${cross}`, cross, [first, second]),
          states('client', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], changes('client')),
          states('server', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], changes('server')),
        );
      },
    }),
    B4: finding('A crossed FIN is told from a merged one by its ack number: it does not cover the other FIN', {
      'of a crossed and a merged one side by side': (run) => {
        const [, crossed] = finsOf(run.during('the FINs cross'));
        const [, merged] = finsOf(run.during('one FIN answers the other'));
        return all(
          equal('ack of the crossed FIN', 1, crossed?.ack, [crossed]),
          equal('ack of the FIN that answers', 2, merged?.ack, [merged]),
        );
      },
    }),
    B6: finding('The ACK sent in answer to a crossed FIN carries a sequence number one past the own FIN', {
      'of both answers, when the wire lets the FINs cross': (run) => {
        const { closing } = run.during('the FINs cross').connection();
        const answerOf = (host: HostName) => closing.find(({ from, flags }) => from === host && flags === '.');
        const answers = [answerOf('client'), answerOf('server')].filter((answer) => answer !== undefined);
        return sequence(answers, ['client . 2:2(0) ack 2', 'server . 2:2(0) ack 2']);
      },
    }),
  },
});

const finsOf = (view: View) => view.connection().closing.filter(carries('FIN'));
