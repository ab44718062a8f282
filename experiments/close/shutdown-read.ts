// shutdown(SHUT_RD) tells the peer nothing: no segment is sent, whether or not data lies unread. What becomes of data
// that comes afterwards is asked by `data-after-shutdown-read`.
import { connectTo, endState, experiment, neverLearns, none, returns, staged, type View } from '#finwait';

export default experiment({
  title: 'The client shuts down its receiving side',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, observe }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const caller = await client.raw();

    await stage('with nothing unread', async () => {
      const socket = await connectTo(caller, server, 50000);
      await caller.shutdown(socket, 'SHUT_RD');
      await observe(500);
    });

    await stage('with data unread', async () => {
      const socket = await connectTo(caller, server, 50000);
      const accepted = await app.accepted();
      await accepted.write('nobody reads this');
      await caller.shutdown(socket, 'SHUT_RD');
      await observe(500);
    });
  },

  findings: {
    A12: staged('SHUT_RD sends no segment', {
      'with nothing unread': (view) => staysSilent(view),
      'with data unread': (view) => staysSilent(view),
    }),
  },
});

const staysSilent = (view: View) => {
  const [shutdown] = view.client.calls('shutdown');
  const after = view.connection().between(shutdown);
  return [
    returns('shutdown()', 'success', shutdown),
    none('segments after it', after.segments, [shutdown]),
    neverLearns(after, 'server', shutdown),
    endState(after, 'client', 'ESTABLISHED'),
  ];
};
