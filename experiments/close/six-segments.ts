// telnet to a Redis port, Ctrl-] and quit: nothing was said, and the whole connection is six segments. Is it always six?
// Again and again, and with a Redis that is too busy to close at once.
import { bytesOf, type ConnectionView, count, equal, experiment, finding, limit, sent, share } from '#finwait';

const port = 6379;
const tries = 20;

export default experiment({
  title: 'telnet to Redis: connect and quit',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, wire }) {
    // The Debian package redis-tools brings the server as well, under another name, and starts no service of its own.
    const start = `exec -a redis-server redis-check-rdb --bind ${server.address} --port ${port} --protected-mode no --save ''`;
    const redis = await server.spawn('bash', ['-c', start], { name: 'redis-server', cwd: '/tmp' });
    await redis.output(/Ready to accept connections/);

    const connect = async () => {
      const telnet = await client.spawn('telnet', [server.address, String(port)]);
      await telnet.output(/Escape character is/);
      return telnet;
    };
    const quit = async (telnet: Awaited<ReturnType<typeof connect>>) => {
      await telnet.input('\x1d'); // Ctrl-]
      await telnet.input('quit\n');
      await telnet.exited();
    };

    await stage('connect and quit', async () => {
      await wire.freeRun(); // who is faster, Redis or the delayed ACK, is none of the wire's business
      for (let done = 0; done < tries; done++) {
        const telnet = await connect();
        const closed = wire.next(sent('server', 'FIN'));
        await quit(telnet);
        await closed; // Redis may take its time
      }
      await wire.lockstep();
    });

    await stage('Redis is busy', async () => {
      const telnet = await connect();
      await redis.freeze(); // SIGSTOP: it cannot close before the ACK is due
      const alone = wire.next(({ from, flags }) => from === 'server' && flags === '.');
      await quit(telnet);
      await alone;
      const closed = wire.next(sent('server', 'FIN'));
      await redis.thaw();
      await closed;
    });
  },

  findings: {
    E1: finding(
      'Connect and quit without data is exactly six segments with a total length of 0',
      {
        'when Redis closes as soon as it reads the end of the stream': (run) => {
          const { connections } = run.during('connect and quit');
          const others = connections.filter((one) => !isSix(one) && !isSeven(one));
          const segments = connections.flatMap((connection) => connection.segments);
          return [
            // How often Redis is quicker than the tick the machine decides; where it is not, the one segment more is that ACK.
            share('six segments', [0.01, 1], connections.map(isSix), segments),
            equal('neither six nor six and the ACK alone', 0, others.length, segments),
            equal('total length', 0, bytesOf(segments), segments),
          ];
        },
        'when Redis is busy and its kernel sends the ACK first': limit((run) => {
          const { segments } = run.during('Redis is busy').connection();
          return [count('segments', 6, segments), equal('total length', 0, bytesOf(segments), segments)];
        }, 'the article says itself that delayed ACK decides whether the one it misses is sent'),
      },
      'An ACK of a FIN before any data is due at the next timer tick, 4 ms with HZ 250, because icsk_ack.ato is still 0 (tcp_send_delayed_ack(), net/ipv4/tcp_output.c). A program that closes sooner sends it with its own FIN; otherwise it goes alone, as the seventh segment.',
    ),
  },
});

const isSix = ({ segments }: ConnectionView) => segments.length === 6;

const isSeven = ({ segments, closing }: ConnectionView) =>
  segments.length === 7 && closing[1]?.from === 'server' && closing[1].flags === '.';
