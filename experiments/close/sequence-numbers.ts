// A SYN and a FIN each take one sequence number, as a byte of data does: the ACK stands one past them. Seen on telnet to a
// Redis port, closed once by either end.
import { answerTo, carries, contrast, equal, experiment, finding, sent, sequence, type View } from '#finwait';

export default experiment({
  title: 'telnet to Redis: the sequence numbers of SYN and FIN',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage, wire }) {
    // The Debian package redis-tools brings the server as well, under another name, and starts no service of its own.
    const start = `exec -a redis-server redis-check-rdb --bind ${server.address} --port 6379 --protected-mode no --save ''`;
    const redis = await server.spawn('bash', ['-c', start], { name: 'redis-server', cwd: '/tmp' });
    await redis.output(/Ready to accept connections/);
    await stage('telnet closes first', async () => {
      const telnet = await client.spawn('telnet', [server.address, '6379']);
      await telnet.output(/Escape character is/);
      const closed = wire.next(sent('server', 'FIN'));
      await telnet.input('\x1d'); // Ctrl-]
      await telnet.input('quit\n');
      await closed;
    });
    await stage('Redis closes first', async () => {
      const telnet = await client.spawn('telnet', [server.address, '6379']);
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
        const afterSyns = run.during('telnet closes first').connection().segments.slice(2, 4);
        return sequence(afterSyns, ['client . 1:1(0) ack 1', 'client F. 1:1(0) ack 1']);
      }),
    }),
  },
});

/** Of both ends of each connection: the answer acknowledges one more than the segment's data. */
const consumesOne = ({ connections }: View, what: 'SYN' | 'FIN') => {
  const pairs = connections.flatMap(({ segments }) =>
    segments.filter(carries(what)).map((one) => [one, answerTo(one, segments)] as const),
  );
  const expected = pairs.map(([{ seq, length }]) => seq + length + 1);
  const acks = pairs.map(([, answer]) => answer?.ack);
  return equal(`acks in answer to each ${what}`, expected, acks, pairs.flat());
};
