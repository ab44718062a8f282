// nc leaves an ordinary HTTP server, or the server leaves nc. In how many segments does the connection end, and what
// decides that? How soon the passive program closes, not what it has left to send.
import { closesInThree, contrast, count, experiment, finding, holds, limit, type Program, sent } from '#finwait';

const tries = 20;
const request = (method: string, version: string) =>
  `${method} /http-server-close.ts HTTP/${version}\r\nHost: server\r\n\r\n`;

export default experiment({
  title: 'A real HTTP server and nc part company',
  article: 'disconnect-experiments',
  freeRun: true, // how soon a program closes decides: the wire must not hold it up

  async run({ client, server, wire, stage }) {
    const serve = async (version: string, port: number) => {
      const options = ['--bind', server.address, '--directory', import.meta.dirname, '--protocol', version, `${port}`];
      const http = await server.spawn('python3', ['-u', '-m', 'http.server', ...options], { name: version });
      await http.output(/Serving HTTP/);
      return http;
    };
    const http = await serve('HTTP/1.0', 20880);
    await serve('HTTP/1.1', 20881);
    const nc = async (port: number, ...options: string[]) => {
      const program = await client.spawn('nc', ['-nv', ...options, server.address, `${port}`]);
      await program.output(/succeeded/);
      await wire.quiet();
      return program;
    };
    const interrupt = async (program: Program) => {
      await program.kill('SIGINT'); // Ctrl-C
      await program.exited();
      await wire.quiet();
    };

    await stage('nc leaves without a word', { undisturbed: true }, async () => {
      for (let times = 0; times < tries; times++) await interrupt(await nc(20880));
    });
    await stage('nc leaves when it has its answer', { undisturbed: true }, async () => {
      for (let times = 0; times < tries; times++) {
        const program = await nc(20881);
        await program.input(request('HEAD', '1.1'));
        await program.output(/Last-Modified.*\r\n\r\n/s);
        await interrupt(program);
      }
    });
    await stage('the server leaves, nc stays', async () => {
      const program = await nc(20880);
      const fin = wire.next(sent('server', 'FIN'));
      await program.input(request('HEAD', '1.0'));
      await fin;
      await wire.quiet();
      await interrupt(program);
    });
    await stage('nc ends its side before it has its answer', async () => {
      const program = await nc(20880, '-N'); // shutdown(SHUT_WR) at the end of its input
      await http.freeze(); // it answers when it has the request and the FIN
      await program.input(request('GET', '1.0'));
      const fin = wire.next(sent('client', 'FIN'));
      await program.endInput();
      await fin;
      await http.thaw();
      await program.exited();
    });
  },

  findings: {
    C2: finding(
      'The close has three segments because the passive side has nothing left to send',
      {
        'when the server has nothing to send, since nc has asked for nothing': (run) =>
          // The article's "may": the ACK waits for the kernel's next tick only (4 ms at 250 Hz), and the machine decides.
          closesInThree(run.during('nc leaves without a word').connections, [0.01, 1]),
        'when the server has nothing left to send, since nc has its answer': (run) =>
          closesInThree(run.during('nc leaves when it has its answer').connections, [0.5, 1]),
        'when nc is the passive side, has nothing to send, and stays': limit(
          (run) => count('segments of the close', 3, run.during('the server leaves, nc stays').connection().closing),
          'the article says that they may merge, of a server that closes at once',
        ),
        'a server that still has to answer closes in more than three': contrast((run) => {
          const { closing } = run.during('nc ends its side before it has its answer').connection();
          const data = closing.filter(sent('server', 'data'));
          const shown = `${data.length} with data of ${closing.length} segments`;
          return holds('data, and more than three segments', shown, data.length > 0 && closing.length > 3, closing);
        }),
      },
      'The ACK of a FIN is delayed (tcp_fin() in net/ipv4/tcp_input.c), for 40 ms at most: a program that closes before it is due sends its FIN along with it. ' +
        'How soon the program closes decides, not what it has left to send.',
    ),
  },
});
