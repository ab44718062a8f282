// Two processes hold descriptors of one connection, as after fork(2). close() in one of them only drops its reference.
import { all, equal, experiment, finding, holds, none, type View } from '#finwait';

export default experiment({
  title: 'A connection held by two processes',
  article: 'connection-states',

  async run({ client, server, stage, observe }) {
    const browser = await client.node();

    await stage('two processes that make the calls themselves', async () => {
      const parent = await server.raw({ name: 'parent' });
      const listener = (await parent.socket()).value;
      await parent.bind(listener, 50000);
      await parent.listen(listener, 5);
      await browser.connect(server, 50000, { allowHalfOpen: true });
      const own = (await parent.accept(listener)).value;
      const { process: child, descriptor } = await parent.share(own, { name: 'child' });
      await parent.close(own);
      await observe(300);
      await child.close(descriptor);
    });

    await stage('two Node processes', async () => {
      const parent = await server.node({ name: 'node-parent' });
      await parent.listen(50001);
      await browser.connect(server, 50001, { allowHalfOpen: true });
      const own = await parent.accepted();
      const { socket } = await own.share({ name: 'node-child' });
      await own.destroy();
      await observe(300);
      await socket.destroy();
    });

    await stage('the last reference goes with a process', async () => {
      const parent = await server.node({ name: 'short-lived-parent' });
      await parent.listen(50002);
      await browser.connect(server, 50002, { allowHalfOpen: true });
      const own = await parent.accepted();
      const { process: child } = await own.share({ name: 'short-lived-child' });
      await own.destroy();
      await observe(300);
      await child.kill('SIGKILL');
    });

    // For comparison: shutdown() is about the connection, not about a reference to it.
    await stage('one of two processes calls end()', async () => {
      const parent = await server.node({ name: 'ending-parent' });
      await parent.listen(50003, { allowHalfOpen: true });
      await browser.connect(server, 50003, { allowHalfOpen: true });
      const own = await parent.accepted();
      await own.share({ name: 'idle-child' });
      await own.end();
    });
  },

  findings: {
    A10: finding(
      'close() only drops a reference; the FIN leaves when the last descriptor goes',
      {
        'raw close() in both processes': (run) =>
          closesLast(run.during('two processes that make the calls themselves'), 'call'),
        'Node destroy() in both processes': (run) => closesLast(run.during('two Node processes'), 'call'),
        'close() in one process, the end of the other': (run) =>
          closesLast(run.during('the last reference goes with a process'), 'process-end'),
      },
      'shutdown(2), which Node calls for end(), acts on the connection itself: it sends the FIN whoever else holds a descriptor.',
    ),
  },
});

/** Between the two closes no segment and no state but ESTABLISHED on both ends; the second process's, and nothing else, sends the FIN. */
const closesLast = (view: View, by: 'call' | 'process-end') => {
  const [first] = view.server.calls('close');
  if (!first) throw new Error('no process closed its descriptor');
  const connection = view.connection();
  const fin = connection.closing.at(0);
  const cause = fin?.cause && 'event' in fin.cause ? view.event(fin.cause.event) : undefined;
  const between = view.between(first.returned?.at, fin);
  const rows = hosts.flatMap((host) => connection.rows(host, between));
  const seen = hosts.map(
    (host) =>
      `${host} ${[...new Set(connection.rows(host, between).map(({ row }) => row.state))].join(', ') || 'no row'}`,
  );
  return all(
    none(
      'segments between the first close and the FIN',
      between.segments().filter(({ id }) => id !== fin?.id),
      [first, ...rows],
    ),
    equal('states in between', ['client ESTABLISHED', 'server ESTABLISHED'], seen, rows),
    equal('the first closing segment', 'server F.', fin && `${fin.from} ${fin.flags}`, fin ? [fin] : []),
    equal('its cause', by, fin?.cause?.kind, fin ? [fin] : []),
    holds(
      'it comes from the other process',
      `from ${processOf(cause)}`,
      processOf(cause) !== first.process && cause !== undefined,
      [first, ...(cause ? [cause] : [])],
    ),
  );
};

const hosts = ['client', 'server'] as const;
const processOf = (event: ReturnType<View['event']> | undefined) =>
  event && 'process' in event ? event.process : 'no process';
