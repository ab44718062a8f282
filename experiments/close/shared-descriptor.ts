// Two processes hold descriptors of one connection, as after fork(2). close() in one of them only drops its reference.
import { all, equal, experiment, finding, holds, listenOn, sequence, type View } from '#finwait';

export default experiment({
  title: 'A connection held by two processes',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, observe }) {
    const browser = await client.node();
    /** A Node process and its child with descriptors of the same connection. */
    const share = async (name: string, port: number, options?: { allowHalfOpen: boolean }) => {
      const parent = await server.node({ name: `${name}-parent` });
      await parent.listen(port, options);
      await browser.connect(server, port, { allowHalfOpen: true });
      const own = await parent.accepted();
      return { own, child: await own.share({ name: `${name}-child` }) };
    };

    await stage('two processes that make the calls themselves', async () => {
      const parent = await server.raw({ name: 'parent' });
      const listener = await listenOn(parent, 50000);
      await browser.connect(server, 50000, { allowHalfOpen: true });
      const own = (await parent.accept(listener)).value;
      const { process: child, descriptor } = await parent.share(own, { name: 'child' });
      await parent.close(own);
      await observe(300);
      await child.close(descriptor);
    });

    await stage('two Node processes', async () => {
      const { own, child } = await share('node', 50001);
      await own.destroy();
      await observe(300);
      await child.socket.destroy();
    });

    await stage('the last reference goes with a process', async () => {
      const { own, child } = await share('short-lived', 50002);
      await own.destroy();
      await observe(300);
      await child.process.kill('SIGKILL');
    });

    // For comparison: shutdown() is about the connection, not about a reference to it.
    await stage('one of two processes calls end()', async () => {
      const { own } = await share('ending', 50003, { allowHalfOpen: true });
      await own.end();
    });
  },

  findings: {
    A10: finding(
      'close() only drops a reference; the FIN leaves when the last descriptor goes',
      {
        'for close() in two processes that make the calls themselves': (run) =>
          closesLast(run.during('two processes that make the calls themselves'), 'call'),
        'for destroy() in two Node processes': (run) => closesLast(run.during('two Node processes'), 'call'),
        'for close() in one process and the end of the other': (run) =>
          closesLast(run.during('the last reference goes with a process'), 'process-end'),
      },
      'shutdown(2), which Node calls for end(), acts on the connection itself: it sends the FIN whoever else holds a descriptor.',
    ),
  },
});

/** After the first close there is no segment and no state but ESTABLISHED, until the other process sends the FIN. */
const closesLast = (view: View, by: 'call' | 'process-end') => {
  const [first] = view.server.calls('close');
  if (!first) throw new Error('no process closed its descriptor');
  const [fin] = view.connection().closing;
  const cause = fin?.cause && 'event' in fin.cause ? view.event(fin.cause.event) : undefined;
  const closer = cause && 'process' in cause ? cause.process : 'no process';
  const between = view.connection().between(first.returned?.at, fin);
  const second = view.server.calls(['close', 'destroy', 'kill'], { by: 'script' }).at(-1);
  const meanwhile = between.between(undefined, second);
  const rows = [...meanwhile.rows('client'), ...meanwhile.rows('server')];
  const seen = new Set(rows.map(({ row }) => row.state));
  return all(
    sequence(between.segments, ['server F.']),
    equal('states of both ends until then', 'ESTABLISHED', [...seen].join(', '), rows),
    equal('its cause', by, fin?.cause?.kind, [fin]),
    holds('it comes from the other process', `from ${closer}`, cause !== undefined && closer !== first.process, [
      cause,
    ]),
  );
};
