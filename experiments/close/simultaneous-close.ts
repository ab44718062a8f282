// Both ends close before either has heard of the other's close: the wire holds both FINs and lets them cross.
import { all, type ConnectionView, equal, experiment, finding, type HostName, holds, sequence, states } from '#finwait';

export default experiment({
  title: 'Both sides close at the same time',
  article: 'close-variants',

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();

    await stage('the FINs cross', async () => {
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      const accepted = await app.accepted();
      const end = await wire.hold(({ flags }) => flags.includes('F'));
      await Promise.all([socket.end(), accepted.end()]);
      const held = (host: HostName) => wire.held().find(({ from }) => from === host)!; // on a slow machine each FIN may come again
      await wire.release([held('client'), held('server')]);
      await end();
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
      'the FINs cross': (run) => {
        const connection = run.during('the FINs cross').connection();
        const [first, second] = fins(connection);
        const closing = (host: 'client' | 'server') =>
          connection
            .states(host)
            .filter(({ to }) => to !== 'SYN-SENT' && to !== 'SYN-RECEIVED' && to !== 'ESTABLISHED');
        const cross =
          first?.from !== second?.from &&
          (second?.sentAt ?? 0) < (first?.receivedAt ?? 0) &&
          (first?.sentAt ?? 0) < (second?.receivedAt ?? 0);
        return all(
          holds(
            'each FIN is sent before the other arrives',
            cross ? 'they cross' : 'they do not cross',
            cross,
            [first, second].filter((one) => one !== undefined),
          ),
          states('client', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], closing('client')),
          states('server', ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'], closing('server')),
        );
      },
    }),
    B4: finding('A crossed FIN is told from a merged one by its ack number: it does not cover the other FIN', {
      'crossed and merged side by side': (run) => {
        const second = (stage: string) => fins(run.during(stage).connection()).at(1);
        const [crossed, merged] = [second('the FINs cross'), second('one FIN answers the other')];
        return all(
          equal('ack of the crossed FIN', 1, crossed?.ack, crossed ? [crossed] : []),
          equal('ack of the FIN that answers', 2, merged?.ack, merged ? [merged] : []),
        );
      },
    }),
    B6: finding('The ACK sent in answer to a crossed FIN carries a sequence number one past the own FIN', {
      'both answers': (run) => {
        const { closing } = run.during('the FINs cross').connection();
        const answers = closing.filter(({ flags }) => flags === '.');
        const inOrder = [...answers].sort((a, b) => a.from.localeCompare(b.from));
        return sequence(inOrder, ['client . 2:2(0) ack 2', 'server . 2:2(0) ack 2']);
      },
    }),
  },
});

/** The FINs of both ends, without those that came again. */
const fins = ({ closing }: ConnectionView) =>
  closing.filter(({ flags, role }) => flags.includes('F') && role === undefined);
