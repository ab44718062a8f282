// telnet to a Redis port, Ctrl-] and quit: nothing was said, and the whole connection is six segments. Is it always six?
import {
  all,
  bytesOf,
  type ConnectionView,
  carries,
  contrast,
  count,
  equal,
  experiment,
  finding,
  type Host,
  holds,
  limit,
  type Program,
  type SegmentEvent,
  sent,
  share,
  type View,
} from '#finwait';

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

    // Redis may take its time to close as well.
    const connectAndQuit = async () => {
      const telnet = await dial(client, server);
      const closed = wire.next(sent('server', 'FIN'));
      await quit(telnet);
      await closed;
    };
    await stage('connect and quit', connectAndQuit);

    await stage('the same again and again', async () => {
      await wire.freeRun(); // who is faster, Redis or the delayed ACK, is none of the wire's business
      for (let index = 1; index < tries; index++) await connectAndQuit();
      await wire.lockstep();
    });

    await stage('Redis is busy', async () => {
      const telnet = await dial(client, server);
      await redis.freeze(); // SIGSTOP: it cannot close before the ACK is due
      const alone = wire.next(({ from, flags }) => from === 'server' && flags === '.');
      await quit(telnet);
      await alone;
      const closed = wire.next(sent('server', 'FIN'));
      await redis.thaw();
      await closed;
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
        'when Redis closes as soon as it reads the end of the stream': (run) => {
          const stages = [run.during('connect and quit'), run.during('the same again and again')];
          const connections = stages.flatMap((stage) => stage.connections);
          const segments = connections.flatMap((connection) => connection.segments);
          return all(
            equal('connections', tries, connections.length, segments.filter(carries('SYN'))),
            // How often Redis is quicker than the tick the machine decides; where it is not, the one segment more is that ACK.
            share('six segments, total length 0', [0.01, 1], connections.map(isSix), segments),
            equal(
              'neither six nor six and the ACK alone',
              0,
              connections.filter((one) => !isSix(one) && !isSeven(one)).length,
              segments,
            ),
          );
        },
        'when Redis is busy and its kernel sends the ACK first': limit((run) => {
          const { segments } = run.during('Redis is busy').connection();
          return all(count('segments', 6, segments), equal('total length', 0, bytesOf(segments), segments));
        }, 'the article says itself that delayed ACK decides whether the one it misses is sent'),
      },
      'An ACK of a FIN before any data is due at the next timer tick, 4 ms with HZ 250, because icsk_ack.ato is still 0 (tcp_send_delayed_ack(), net/ipv4/tcp_output.c). A program that closes sooner sends it with its own FIN; otherwise it goes alone, as the seventh segment.',
    ),
    E2: finding('Each SYN and FIN consumes one sequence number: the ack is its seq plus one', {
      'of the SYNs': (run) => consumed(run, 'SYN'),
      'of the FINs when telnet closes first': (run) => consumed(run.during('connect and quit'), 'FIN'),
      'of the FINs when Redis closes first, after data': (run) => consumed(run.during('Redis closes first'), 'FIN'),
      'an ACK alone consumes none': contrast((run) => {
        const [, , third, fourth] = run.during('connect and quit').connection().segments;
        return all(
          equal('third segment', '. 1:1(0) ack 1', third?.text, [third]),
          equal('seq of the fourth', third?.absolute.seq, fourth?.absolute.seq, [third, fourth]),
        );
      }),
    }),
  },
});

const dial = async (client: Host, server: Host) => {
  const telnet = await client.spawn('telnet', [server.address, String(port)]);
  await telnet.output(/Escape character is/);
  return telnet;
};

const quit = async (telnet: Program) => {
  await telnet.input('\x1d'); // Ctrl-]
  await telnet.input('quit\n');
  await telnet.exited();
};

const isSeven = ({ segments, closing }: ConnectionView) =>
  segments.length === 7 && bytesOf(segments) === 0 && closing[1]?.from === 'server' && closing[1].flags === '.';

const isSix = ({ segments }: ConnectionView) => segments.length === 6 && bytesOf(segments) === 0;

/** For each SYN or FIN of each connection of the view: the other end's first ACK past it stands one past it and its data. */
const consumed = (view: View, what: 'SYN' | 'FIN') => {
  const pairs = view.connections.flatMap(({ segments }) =>
    (['client', 'server'] as const).map((host) => {
      const numbered = segments.find(sent(host, what));
      const past = (one: SegmentEvent) =>
        numbered ? (one.absolute.ack - numbered.absolute.seq - numbered.length) | 0 : Number.NaN; // modulo 2^32
      const answer = segments.find((one) => one.from !== host && one.flags.includes('.') && past(one) > 0);
      return { isOne: answer !== undefined && past(answer) === 1, evidence: [numbered, answer] };
    }),
  );
  const right = pairs.filter(({ isOne }) => isOne);
  return holds(
    `ack minus the seq of the ${what} and its data: 1, for each ${what} of both ends`,
    `1 for ${right.length} of ${pairs.length}`,
    pairs.length > 0 && right.length === pairs.length,
    pairs.flatMap(({ evidence }) => evidence),
  );
};
