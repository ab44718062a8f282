// A process ends, in one of several ways, and never closes its connection itself. The kernel does, and the other end sees
// a close: FIN, ACK.
import { causedBy, connected, connectTo, equal, experiment, none, sequence, staged, states, type View } from '#finwait';

export default experiment({
  title: 'A process ends with its connection open',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('after a normal exit', async () => (await connected(client, server, 50000)).browser.exit());
    await stage('after an uncaught exception', async () => (await connected(client, server, 50001)).browser.crash());
    await stage('after SIGTERM', async () => (await connected(client, server, 50002)).browser.kill('SIGTERM'));
    await stage('after SIGKILL', async () => (await connected(client, server, 50003)).browser.kill('SIGKILL'));
    await stage('after _exit(2) of a program that makes the calls itself', async () => {
      const app = await server.node();
      await app.listen(50004, { allowHalfOpen: true });
      const leaver = await client.raw();
      await connectTo(leaver, server, 50004);
      await leaver.exit();
    });
  },

  findings: {
    A17: staged(
      'When a process ends, the kernel closes its sockets and starts the TCP close',
      {
        'after a normal exit': (view) => closedByEnd(view, 'code 0'),
        'after an uncaught exception': (view) => closedByEnd(view, 'code 1'),
        'after SIGTERM': (view) => closedByEnd(view, 'SIGTERM'),
        'after SIGKILL': (view) => closedByEnd(view, 'SIGKILL'),
        'after _exit(2) of a program that makes the calls itself': (view) => closedByEnd(view, 'code 0'),
      },
      'With data still unread the kernel sends RST instead of FIN: see `kill-nine` and `abortive-close`.',
    ),
  },
});

/** The process ended as told and closed nothing itself; FIN and ACK follow, by the kernel. */
const closedByEnd = (view: View, by: string) => {
  const { closing, closingStates } = view.connection();
  const [exit] = view.client.processes('exit');
  const closes = view.client.calls(['close', 'end', 'destroy', 'shutdown', 'reset', 'resetAndDestroy']);
  return [
    equal('the process ended by', by, exit && (exit.signal ?? `code ${exit.code}`), [exit]),
    none('calls of the process that close', closes, [exit]),
    sequence(closing, ['client F. 1:1(0) ack 1', 'server . 1:1(0) ack 2']),
    causedBy(closing[0], 'process-end'),
    states('the client', ['FIN-WAIT-1', 'FIN-WAIT-2'], closingStates('client')),
  ];
};
