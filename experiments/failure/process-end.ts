// A process ends in four ways, and never closes its connection itself. The kernel does, and the other end sees a close.
import { all, connectTo, equal, experiment, finding, none, sequence, states, type View } from '#finwait';

const endings = {
  'normal exit': { code: 0, signal: null },
  'an uncaught exception': { code: 1, signal: null },
  SIGTERM: { code: null, signal: 'SIGTERM' },
  SIGKILL: { code: null, signal: 'SIGKILL' },
};
type Ending = keyof typeof endings;

export default experiment({
  title: 'A process ends with its connection open',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });

    const leave = (ending: Ending) =>
      stage(ending, async () => {
        const leaver = await client.node({ name: `ends by ${ending}` });
        await leaver.connect(server, 50000);
        await app.accepted();
        if (ending === 'normal exit') await leaver.exit();
        else if (ending === 'an uncaught exception') await leaver.crash();
        else await leaver.kill(ending);
        await leaver.exited();
      });
    for (const ending of Object.keys(endings) as Ending[]) await leave(ending);

    await stage('_exit(2)', async () => {
      const leaver = await client.raw({ name: 'ends by _exit' });
      await connectTo(leaver, server, 50000);
      await leaver.exit();
    });
  },

  findings: {
    A17: finding(
      'When a process ends, the kernel closes its sockets and starts the TCP close',
      {
        'after a normal exit': (run) => closedByEnd(run.during('normal exit'), endings['normal exit']),
        'after an uncaught exception': (run) =>
          closedByEnd(run.during('an uncaught exception'), endings['an uncaught exception']),
        'after SIGTERM': (run) => closedByEnd(run.during('SIGTERM'), endings.SIGTERM),
        'after SIGKILL': (run) => closedByEnd(run.during('SIGKILL'), endings.SIGKILL),
        'after _exit(2) of a program that makes the calls itself': (run) =>
          closedByEnd(run.during('_exit(2)'), endings['normal exit']),
      },
      'With data still unread the kernel sends RST instead of FIN: see `kill-nine` and `abortive-close`.',
    ),
  },
});

/**
 * The process ended as told and closed nothing itself; FIN and ACK follow, by the kernel, and the two states of an
 * active close.
 */
const closedByEnd = (view: View, { code, signal }: { code: number | null; signal: string | null }) => {
  const { closing, states: changes } = view.connection();
  const [exit] = view.client.processes('exit');
  const closes = view.client.calls(['close', 'end', 'destroy', 'shutdown', 'reset', 'resetAndDestroy']);
  return all(
    equal('the process ended', { code, signal }, { code: exit?.code, signal: exit?.signal }, [exit]),
    none('calls of the process that close', closes, [exit]),
    sequence(closing.slice(0, 1), ['client F. 1:1(0) ack 1']),
    equal('its cause', 'process-end', closing[0]?.cause?.kind, [closing[0]]),
    states('the client', ['FIN-WAIT-1', 'FIN-WAIT-2'], changes('client').slice(-2)),
  );
};
