// A server that accepts and never closes. Each connection keeps a descriptor, until there are no more (RLIMIT_NOFILE, errno EMFILE).
import { all, equal, experiment, finding, holds, type View } from '#finwait';

export default experiment({
  title: 'A server that never closes its descriptors',
  article: 'connection-states',

  async run({ client, server, stage }) {
    const visitor = await client.node();

    await stage('Node', async () => {
      const parent = await server.node({ name: 'nparent', limits: { nofile: 30 } });
      await parent.listen(50000, {allowHalfOpen: true});
      for (let i=0; i< 13; i++ ) {
        await visitor.connect(server, 50000);
      }
      await parent.connect(client, 50000);
    });
    await stage('fork', async () => {
      const parent = await server.raw({ name: 'parent', limits: { nofile: 32 } });
      const listener = (await parent.socket()).value;
      await parent.bind(listener, 50001);
      await parent.listen(listener, 20);
      for (let i=0; i< 7; i++ ) {
        await visitor.connect(server, 50001);
        const d = (await parent.accept(listener)).value;
        if (d<0) break;
        const c = await parent.share(d, {name: `child-${i}`});
        await c.process.close(c.descriptor);
        await c.process.exit();
      }
    });
  },

  findings: {},
});
