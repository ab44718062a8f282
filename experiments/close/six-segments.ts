// telnet to a Redis port, Ctrl-] and quit: nothing was said, and the whole connection is six segments. Is it always six?
import {
  all,
  type ConnectionView,
  equal,
  experiment,
  finding,
  type Host,
  type HostName,
  holds,
  share,
  type View,
} from '#finwait';

const port = 6379;
const tries = 20;

export default experiment({
  title: 'telnet to Redis: connect and quit',
  article: 'tcpdump-observation',

  async run({ client, server, stage, wire }) {
    // The Debian package redis-tools brings the server as well, under another name, and starts no service of its own.
    const start = `exec -a redis-server redis-check-rdb --bind ${server.address} --port ${port} --protected-mode no --save ''`;
    const redis = await server.spawn('bash', ['-c', start], { name: 'redis-server', cwd: '/tmp' });
    await redis.output(/Ready to accept connections/);

    await stage('connect and quit', () => connectAndQuit(client, server));

    await stage('the same again and again', async () => {
      await wire.freeRun(); // who is faster, Redis or the delayed ACK, is none of the wire's business
      for (let index = 1; index < tries; index++) await connectAndQuit(client, server);
      await wire.lockstep();
    });

    await stage('Redis is busy', async () => {
      const telnet = await dial(client, server);
      await redis.freeze(); // SIGSTOP: it cannot close before the ACK is due
      const alone = wire.next(({ from, flags }) => from === 'server' && flags === '.');
      await quit(telnet);
      await alone;
      await redis.thaw();
    });

    await stage('Redis closes first', async () => {
      const telnet = await dial(client, server);
      await telnet.input('QUIT\n');
      await telnet.exited();
      await wire.quiet();
    });
  },

  findings: {
    E1: finding(
      'Connect and quit without data is exactly six segments with a total length of 0',
      {
        'Redis closes as soon as it reads the end of the stream': (run) => {
          const views = [run.during('connect and quit'), run.during('the same again and again')];
          const connections = views.flatMap((view) => view.connections.map((_, index) => view.connection(index)));
          return all(
            equal(
              'connections',
              tries,
              connections.length,
              connections.flatMap(({ segments }) => segments.slice(0, 1)),
            ),
            share(
              'six segments, total length 0',
              [0.6, 1],
              connections.map(isSix),
              connections.flatMap(({ segments }) => segments),
            ),
          );
        },
        'Redis is busy when the FIN arrives': (run) => sixSegments(run.during('Redis is busy').connection()),
      },
      'An ACK of a FIN before any data is due at the next timer tick, 4 ms with HZ 250, because icsk_ack.ato is still 0 (tcp_send_delayed_ack(), net/ipv4/tcp_output.c). A program that closes sooner sends it with its own FIN; otherwise it goes alone, as the seventh segment.',
    ),
    E2: finding('Each SYN and FIN consumes one sequence number: the ack is its seq plus one', {
      'the SYNs': (run) => consumed(run, 'S'),
      'the FINs, telnet closing first': (run) => consumed(run.during('connect and quit'), 'F'),
      'the FINs, Redis closing first, after data': (run) => consumed(run.during('Redis closes first'), 'F'),
      'an ACK alone consumes none': (run) => {
        const [, , third, fourth] = run.during('connect and quit').connection().segments;
        const evidence = [third, fourth].filter((one) => one !== undefined);
        return all(
          equal('third segment', '. 1:1(0) ack 1', third?.text, evidence),
          equal(
            'seq of the fourth, minus seq of the third',
            0,
            distance(third?.absolute.seq, fourth?.absolute.seq),
            evidence,
          ),
        );
      },
    }),
  },
});

const dial = async (client: Host, server: Host) => {
  const telnet = await client.spawn('telnet', [server.address, String(port)]);
  await telnet.output(/Escape character is/);
  return telnet;
};

const quit = async (telnet: Awaited<ReturnType<typeof dial>>) => {
  await telnet.input('\x1d'); // Ctrl-]
  await telnet.input('quit\n');
  await telnet.exited();
};

const connectAndQuit = async (client: Host, server: Host) => quit(await dial(client, server));

const isSix = ({ segments }: ConnectionView) => segments.length === 6 && segments.every(({ length }) => length === 0);

const sixSegments = ({ segments }: ConnectionView) => {
  const total = segments.reduce((sum, { length }) => sum + length, 0);
  const shown = segments.map(({ from, flags }) => `${from} ${flags}`).join(', ');
  return holds(
    '6 segments, total length 0',
    `${segments.length} segments (${shown}), total length ${total}`,
    segments.length === 6 && total === 0,
    segments,
  );
};

/** For each SYN or FIN of each connection of the view: the other end's first ACK past it stands one past it and its data. */
const consumed = (view: View, letter: 'S' | 'F') => {
  const pairs = view.connections.flatMap((_, index) => {
    const { segments } = view.connection(index);
    return (['client', 'server'] satisfies HostName[]).map((from) => {
      const numbered = segments.find((one) => one.from === from && one.flags.includes(letter));
      const end = numbered && numbered.absolute.seq + numbered.length;
      const answer = segments.find(
        (one) => one.from !== from && one.flags.includes('.') && distance(end, one.absolute.ack) > 0,
      );
      return {
        consumed: distance(end, answer?.absolute.ack),
        evidence: [numbered, answer].filter((event) => event !== undefined),
      };
    });
  });
  const name = letter === 'S' ? 'SYN' : 'FIN';
  const right = pairs.filter(({ consumed }) => consumed === 1);
  return holds(
    `ack minus the seq of the ${name} and its data: 1, for each ${name} of both ends`,
    `1 for ${right.length} of ${pairs.length}`,
    pairs.length > 0 && right.length === pairs.length,
    pairs.flatMap(({ evidence }) => evidence),
  );
};

/** From one sequence number to another, modulo 2^32 (RFC 9293, section 3.4). */
const distance = (from = Number.NaN, to = Number.NaN) => (Number.isNaN(from - to) ? Number.NaN : (to - from) | 0);
