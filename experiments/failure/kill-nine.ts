// kill -9 of a server: its process runs none of its own code any more. The kernel closes the connection for it, and on the
// wire that looks like a normal close, as long as nothing was unread. `kill-nine-client` does it to the client.
import { causedBy, connected, equal, experiment, limit, none, sequence, staged, type View } from '#finwait';

export default experiment({
  title: 'A server is killed with SIGKILL',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('when nothing was unread in its receive queue', async () => {
      const { app } = await connected(client, server, 50000);
      await app.kill('SIGKILL');
    });

    await stage('when data was unread in its receive queue', async () => {
      const { app, socket } = await connected(client, server, 50001, { pauseOnConnect: true });
      await socket.write('nobody reads this');
      await app.kill('SIGKILL');
    });
  },

  findings: {
    A9: staged(
      'A killed server looks like a normal close on the wire',
      {
        'when nothing was unread in its receive queue': (view) => closedByKernel(view),
        'when data was unread in its receive queue': limit(
          (view) => closedByKernel(view),
          "the article's capture shows a close in four segments: its server had read everything",
        ),
      },
      'A close with unread data must say that data was lost: RST (RFC 9293, section 3.6.1; tcp_close() in net/ipv4/tcp.c).',
    ),
  },
});

/** The server closes first, with a FIN that no call made: the end of the process did. */
const closedByKernel = (view: View) => {
  const [exit] = view.server.processes('exit');
  const [first] = view.connection().closing;
  return [
    equal('the process ended by', 'SIGKILL', exit?.signal, [exit]),
    none('calls that close', view.server.calls(['close', 'end', 'destroy', 'shutdown'], { process: exit?.process }), [
      exit,
    ]),
    sequence(first ? [first] : [], ['server F.']),
    causedBy(first, 'process-end'),
  ];
};
