// Two processes hold descriptors of one connection, as after fork(2). close() in one of them only drops its reference:
// nothing is sent, both ends stay ESTABLISHED. The FIN leaves when the other lets go, by a call or by its end.
import { causedBy, experiment, holds, listenOn, sequence, staged, stays, type View } from '#finwait';

export default experiment({
  title: 'A connection held by two processes',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, observe }) {
    const browser = await client.node();
    /** A Node process and its child with descriptors of the same connection. */
    const share = async (port: number, options?: { allowHalfOpen: boolean }) => {
      const parent = await server.node({ name: 'parent' });
      await parent.listen(port, options);
      await browser.connect(server, port, { allowHalfOpen: true });
      const own = await parent.accepted();
      return { own, child: await own.share({ name: 'child' }) };
    };

    await stage('for close() in two processes that make the calls themselves', async () => {
      const parent = await server.raw({ name: 'parent' });
      const listener = await listenOn(parent, 50000);
      await browser.connect(server, 50000, { allowHalfOpen: true });
      const own = (await parent.accept(listener)).value;
      const { process: child, descriptor } = await parent.share(own, { name: 'child' });
      await parent.close(own);
      await observe(300);
      await child.close(descriptor);
    });

    await stage('for destroy() in two Node processes', async () => {
      const { own, child } = await share(50001);
      await own.destroy();
      await observe(300);
      await child.socket.destroy();
    });

    await stage('for close() in one process and the end of the other', async () => {
      const { own, child } = await share(50002);
      await own.destroy();
      await observe(300);
      await child.process.kill('SIGKILL');
    });

    // For comparison: shutdown() is about the connection, not about a reference to it.
    await stage('one of two processes calls end()', async () => {
      const { own } = await share(50003, { allowHalfOpen: true });
      await own.end();
    });
  },

  findings: {
    A10: staged(
      'close() only drops a reference; the FIN leaves when the last descriptor goes',
      {
        'for close() in two processes that make the calls themselves': (view) => closesLast(view, 'call'),
        'for destroy() in two Node processes': (view) => closesLast(view, 'call'),
        'for close() in one process and the end of the other': (view) => closesLast(view, 'process-end'),
      },
      'shutdown(2), which Node calls for end(), acts on the connection itself: it sends the FIN whoever else holds a descriptor.',
    ),
  },
});

/** Between the first close and the second nothing happens; then the FIN leaves, because of the other process. */
const closesLast = (view: View, by: 'call' | 'process-end') => {
  const [first, second] = view.server.calls(['close', 'destroy', 'kill'], { by: 'script' });
  const { closing, between } = view.connection();
  const [fin] = closing;
  const cause = fin?.cause && 'event' in fin.cause ? view.event(fin.cause.event) : undefined;
  const closer = cause && 'process' in cause ? cause.process : 'nobody';
  const meanwhile = between(first?.returned?.at, second);
  return [
    sequence(between(first?.returned?.at, fin).segments, ['server F.']),
    stays(meanwhile, 'client', 'ESTABLISHED'),
    stays(meanwhile, 'server', 'ESTABLISHED'),
    causedBy(fin, by),
    holds(`not from ${first?.process}`, `from ${closer}`, cause !== undefined && closer !== first?.process, [cause]),
  ];
};
