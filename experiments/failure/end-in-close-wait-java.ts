// The article's server is a Java program without the code that would close: the client has closed, the server's kernel has
// acknowledged, and then the program ends. The article has it send RST.
import { claim, closesWith, control, endState, experiment, finding, javaProgram, none } from '#finwait';

const [read, end, unread] = [50000, 50001, 50002];

export default experiment({
  title: 'A Java server ends in CLOSE-WAIT: FIN or RST',
  article: 'close-variants',
  needs: ['java', 'javac'],
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const browser = await client.node();
    const keeper = await server.spawn('java', javaProgram(`${import.meta.dirname}/programs/Keeper.java`));
    for (const port of [read, end, unread]) {
      await keeper.input(`accept ${port}\n`);
      await keeper.output(new RegExp(`listens: ${port}`), { timeoutMs: 90_000 });
      const socket = await browser.connect(server, port, { allowHalfOpen: true });
      await keeper.output(new RegExp(`done: accept ${port}`));
      if (port !== end) await socket.write('a request');
      await socket.end();
    }
    await keeper.input(`read ${read}\n`);
    await keeper.output(new RegExp(`done: read ${read}`));
    await stage('its end', async () => {
      await keeper.endInput();
      await keeper.exited();
    });
  },

  furtherCases: { B9: ['end-in-close-wait'] },
  findings: {
    B9: finding('The client closed, the server acknowledged, but its program ends without closing: RST', {
      'when a JVM ends that has read everything': (run) => closesWith(run.connectionTo(read), 'server', 'RST'),
      'when a JVM ends with only the end of the stream unread': (run) =>
        closesWith(run.connectionTo(end), 'server', 'RST'),
      'when a JVM ends with data unread': claim(
        (run) => closesWith(run.connectionTo(unread), 'server', 'RST'),
        'the article does not say what its server had read; its capture shows RST',
      ),
      'each connection is in CLOSE-WAIT when the JVM ends, which makes no call that closes': control((run) =>
        [read, end, unread].map((port) => {
          const connection = run.connectionTo(port);
          const [ending] = run.during('its end').server.calls('endInput');
          const calls = connection.calls('server', ['shutdown', 'close']);
          return [
            endState(connection.between(undefined, ending), 'server', 'CLOSE-WAIT'),
            none('calls that close', calls, run.server.processes('exit')),
          ];
        }),
      ),
    }),
  },
});
