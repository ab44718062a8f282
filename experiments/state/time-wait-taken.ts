// A new connection on an address pair that is in TIME-WAIT: a connect from the port itself, one the kernel chooses with
// tcp_tw_reuse, one without timestamps. Where it succeeds, TIME-WAIT keeps nothing out any more.
import { answerTo, count, experiment, failsWith, limit, none, sent, staged, type View } from '#finwait';

export default experiment({
  title: 'A new connection takes a pair out of TIME-WAIT',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage, observe }) {
    const app = await server.node();
    await app.listen(50000);
    const browser = await client.node();
    /** A whole connection, closed by the client first. */
    const transfer = async (options: { localPort?: number }) => {
      const socket = await browser.connect(server, 50000, options);
      await socket.write('old data');
      await socket.end();
      await socket.event('close');
    };

    await transfer({ localPort: 40001 });
    await stage('when the client binds the old port', () => browser.connect(server, 50000, { localPort: 40001 }));

    await client.sysctl('net.ipv4.tcp_timestamps', 0);
    await transfer({ localPort: 40002 });
    await stage('without timestamps', async () => {
      for (const late of wire.seen(sent('client', 'data')).slice(-1)) await wire.replay(late);
      await browser.connect(server, 50000, { localPort: 40002 });
    });

    await client.sysctl('net.ipv4.tcp_timestamps', 1);
    await client.sysctl('net.ipv4.tcp_tw_reuse', 1);
    await client.sysctl('net.ipv4.ip_local_port_range', '40003 40003'); // the kernel has one port to choose from
    await transfer({});
    await observe(1200); // tcp_tw_reuse_delay: one second in TIME-WAIT
    await stage('with tcp_tw_reuse 1', () => browser.connect(server, 50000));
  },

  furtherCases: { D6: ['old-duplicates'] },
  findings: {
    D6: staged(
      'TIME-WAIT keeps segments of an old connection out of a new one on the same address pair',
      {
        'when the client binds the old port': (view) => keptFree(view),
        'without timestamps': limit(
          (view) => [keptFree(view), keptOut(view)],
          'they are on unless somebody switches them off',
        ),
        'with tcp_tw_reuse 1': limit((view) => keptFree(view), 'the article changes no setting'),
      },
      'With timestamps a connect may take a pair out of TIME-WAIT: at once from a port the program has bound, after tcp_tw_reuse_delay with tcp_tw_reuse ' +
        '(tcp_twsk_unique() in net/ipv4/tcp_ipv4.c).',
    ),
  },
});

/** The pair is in TIME-WAIT, and a connect on it fails without a SYN. */
const keptFree = ({ client, segments }: View) => {
  const [waiting] = client.rows({ state: 'TIME-WAIT' });
  if (!waiting) throw new Error('no socket was in TIME-WAIT');
  return [
    failsWith('EADDRNOTAVAIL', client.emits('error'), [waiting, ...segments({ flags: 'S' })]),
    none('SYNs', segments({ flags: 'S' }), [waiting]),
  ];
};

/** The old segment is answered (RFC 9293, section 3.10.7.4), so it was looked at, and no program has read it. */
const keptOut = ({ server, segments }: View) => {
  const [late] = segments({ origin: 'replay' });
  const answer = answerTo(late, segments());
  return [count('answers', 1, [answer]), none('reads of the server', server.reads(), [late])];
};
