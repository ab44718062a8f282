// A SYN and a FIN each take one sequence number, as a byte of data does: the ACK stands one past them. Seen on telnet to a
// Redis port, closed once by either end.
import { contrast, equal, experiment, finding, type SegmentEvent, sent, type View } from '#finwait';

const port = 6379;

export default experiment({
  title: 'telnet to Redis: the sequence numbers of SYN and FIN',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, wire }) {
    // The Debian package redis-tools brings the server as well, under another name, and starts no service of its own.
    const start = `exec -a redis-server redis-check-rdb --bind ${server.address} --port ${port} --protected-mode no --save ''`;
    const redis = await server.spawn('bash', ['-c', start], { name: 'redis-server', cwd: '/tmp' });
    await redis.output(/Ready to accept connections/);

    await stage('telnet closes first', async () => {
      const telnet = await client.spawn('telnet', [server.address, String(port)]);
      await telnet.output(/Escape character is/);
      const closed = wire.next(sent('server', 'FIN'));
      await telnet.input('\x1d'); // Ctrl-]
      await telnet.input('quit\n');
      await closed;
    });

    await stage('Redis closes first', async () => {
      const telnet = await client.spawn('telnet', [server.address, String(port)]);
      await telnet.output(/Escape character is/);
      await telnet.input('QUIT\n');
      await telnet.exited();
      await wire.quiet();
    });
  },

  findings: {
    E2: finding('Each SYN and FIN consumes one sequence number: the ack is its seq plus one', {
      'of the SYNs': (run) => consumesOne(run, 'SYN'),
      'of the FINs when telnet closes first': (run) => consumesOne(run.during('telnet closes first'), 'FIN'),
      'of the FINs when Redis closes first, after data': (run) => consumesOne(run.during('Redis closes first'), 'FIN'),
      'an ACK alone consumes none': contrast((run) => {
        const [, , third, fourth] = run.during('telnet closes first').connection().segments;
        return [
          equal('third segment', '. 1:1(0) ack 1', third?.text, [third]),
          equal('seq of the fourth', third?.absolute.seq, fourth?.absolute.seq, [third, fourth]),
        ];
      }),
    }),
  },
});

/** Of both ends of each connection: the first ACK past the segment stands one past it and its data. */
const consumesOne = (view: View, what: 'SYN' | 'FIN') => {
  const numbered = view.connections.flatMap(({ segments }) =>
    (['client', 'server'] as const).map((host) => {
      const one = segments.find(sent(host, what));
      const past = (answer: SegmentEvent) => (one ? (answer.absolute.ack - one.absolute.seq - one.length) | 0 : 0); // modulo 2^32
      const answer = segments.find((other) => other.from !== host && other.flags.includes('.') && past(other) > 0);
      return { by: answer && past(answer), evidence: [one, answer] };
    }),
  );
  const found = numbered.map(({ by }) => by ?? 0);
  return equal(
    `ack minus the seq of each ${what} and its data`,
    found.map(() => 1),
    found,
    numbered.flatMap(({ evidence }) => evidence),
  );
};
