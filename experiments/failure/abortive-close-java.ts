// The article's client is a Java program that goes away without closing, and its machine sends RST. What becomes of a socket
// that is still open when a JVM ends, and what does Socket.close() call where data is unread?
import {
  causedBy,
  claim,
  closesWith,
  contrast,
  control,
  equal,
  experiment,
  finding,
  javaProgram,
  none,
  sent,
  type View,
} from '#finwait';

const [read, unread, closed] = [50000, 50001, 50002];

export default experiment({
  title: 'A Java client goes away without closing: FIN or RST',
  article: 'close-variants',
  needs: ['java', 'javac'],
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const app = await server.node();
    const leaver = await client.spawn('java', [
      ...javaProgram(`${import.meta.dirname}/programs/Leaver.java`),
      server.address,
    ]);
    const tell = async (act: string, port: number) => {
      await leaver.input(`${act} ${port}\n`);
      await leaver.output(new RegExp(`done: ${act} ${port}`), { timeoutMs: 90_000 });
    };
    for (const port of [read, unread, closed]) {
      const listener = await app.listen(port, { allowHalfOpen: true });
      await tell('connect', port);
      await (await listener.accepted()).write('an answer');
    }
    await tell('read', read);
    await tell('close', closed);
    await leaver.endInput();
    await leaver.exited();
  },

  furtherCases: { B8: ['abortive-close'] },
  findings: {
    B8: finding(
      'A client that goes away without closing causes an RST instead of a FIN',
      {
        'when a JVM ends that has read everything': (run) => closesWith(run.connectionTo(read), 'client', 'RST'),
        'when a JVM ends with data unread': claim(
          (run) => closesWith(run.connectionTo(unread), 'client', 'RST'),
          'the article does not say what its client had read; its capture shows RST',
        ),
        'Socket.close() with data unread sends a FIN, by shutdown(), and then an RST, by close()': contrast((run) => {
          const [shutdown, close, ...more] = closes(run, closed);
          const [fin, rst] = run.connectionTo(closed).closing.filter(sent('client'));
          return [
            equal('calls', 'shutdown, close', [shutdown, close].map((call) => call?.api).join(', '), [shutdown, close]),
            none('more calls', more, [close]),
            causedBy(fin, shutdown),
            causedBy(rst, close),
          ];
        }),
        'a JVM that ends makes no call that closes': control((run) =>
          none('calls', [...closes(run, read), ...closes(run, unread)], run.client.processes('exit')),
        ),
      },
      'Since JDK 13 Socket.close() shuts the sending side down before it closes the descriptor (NioSocketImpl, JEP 353).',
    ),
  },
});

const closes = (run: View, port: number) => run.connectionTo(port).calls('client', ['shutdown', 'close']);
