// A parent that accepts, leaves the work to children, and never closes its own descriptors: each connection keeps one,
// until there are no more (RLIMIT_NOFILE, getrlimit(2)). A careful parent and a Node server beside it.
import { contrast, equal, experiment, failsWith, finding, limit, listenOn, returns, sequence, sockets } from '#finwait';

const most = 32; // descriptors
const visitors = 14; // more than there are descriptors left

export default experiment({
  title: 'A server that never closes its descriptors',
  article: 'connection-states',
  freeRun: true,

  async run({ client, server, stage }) {
    const browser = await client.node();
    const visit = (port: number) =>
      Promise.all(Array.from({ length: visitors }, () => browser.connect(server, port, { allowHalfOpen: true })));

    await stage('the parent never closes', async () => {
      const parent = await server.raw({ name: 'careless-parent', limits: { nofile: most } });
      const listener = await listenOn(parent, 50000, visitors);
      await visit(50000);
      for (let children = 0; ; children++) {
        const accepted = await parent.accept(listener);
        if (accepted.value < 0) break;
        if (children >= 2) continue; // two show it: they close their descriptor and end, and the connections stay
        const child = await parent.share(accepted.value);
        await child.process.close(child.descriptor);
        await child.process.exit();
      }
    });

    await stage('the parent closes', async () => {
      const parent = await server.raw({ name: 'careful-parent', limits: { nofile: most } });
      const listener = await listenOn(parent, 50001, visitors);
      await visit(50001);
      for (let served = 0; served < visitors; served++) await parent.close((await parent.accept(listener)).value);
    });

    await stage('a Node server never closes', async () => {
      const parent = await server.node({ name: 'node-parent', limits: { nofile: most } });
      await parent.listen(50002, { allowHalfOpen: true });
      await visit(50002);
      const socket = await parent.connect(client, 50002); // needs one descriptor more
      await socket.event('error');
    });
  },

  findings: {
    A11: finding(
      'A parent that never closes its descriptors ends in "too many open files"',
      {
        'when the parent never closes': (run) => {
          const { server, connections } = run.during('the parent never closes');
          const accepts = server.calls('accept');
          return [
            returns(`accept() after ${accepts.length - 1} connections`, 'EMFILE', accepts.at(-1)),
            equal('the last descriptor, RLIMIT_NOFILE less one', most - 1, accepts.at(-2)?.returned?.value, accepts),
            sockets(server, { state: 'ESTABLISHED', localPort: 50000 }, visitors), // those the children closed as well
            sequence(
              connections.flatMap(({ closing }) => closing),
              [],
            ),
          ];
        },
        'a parent that closes each never does': contrast((run) => {
          const accepts = run.during('the parent closes').server.calls('accept');
          const succeeded = accepts.filter(({ returned }) => returned && !returned.errno);
          return equal('accept() succeeded', visitors, succeeded.length, accepts);
        }),
        'of a Node server that keeps its sockets': limit((run) => {
          const { server } = run.during('a Node server never closes');
          const accepted = server.emits('connection');
          return [
            failsWith('EMFILE', server.emits('error'), accepted),
            equal('has it heard of all its visitors', false, accepted.length >= visitors, accepted),
          ];
        }, 'it has no children: the article speaks of several processes'),
      },
      "Where accept(2) fails with EMFILE, libuv gives up a spare descriptor to accept the connection and close it (uv__emfile_trick()): Node's server emits no 'error', and its clients see a connection that is closed at once.",
    ),
  },
});
