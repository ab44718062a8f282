// The last ACK of a close is lost. TIME-WAIT is there to answer the FIN that comes again; without it the answer is RST.
import { all, equal, experiment, finding, holds, type WireControl } from '#finwait';

export default experiment({
  title: 'The last ACK of a close is lost',
  article: 'establish-and-release',

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();

    const loseLastAck = async (control: WireControl) => {
      const socket = await browser.connect(server, 50000);
      const accepted = await app.accepted();
      await socket.end();
      await control.drop(({ flags, ack }) => flags === '.' && ack === 2, { from: 'client', times: 1 });
      const again = control.next(isRepeatedFin());
      await accepted.end();
      await again; // the server's retransmission timer sends it
      await server.untilGone({ localPort: 50000, state: 'LAST-ACK' });
      await control.quiet();
    };

    await stage('TIME-WAIT is there', () => loseLastAck(wire));
    await stage('TIME-WAIT is gone', async () => {
      await client.sysctl('net.ipv4.tcp_max_tw_buckets', 0); // no room for a TIME-WAIT socket: it is closed at once
      await loseLastAck(wire);
    });
  },

  findings: {
    D5: finding(
      'TIME-WAIT makes a lost last ACK good: the FIN that is sent again is acknowledged again; without it the answer would be RST',
      {
        'the client is in TIME-WAIT': (run) => {
          const { closing, state, states } = run.during('TIME-WAIT is there').connection();
          const lost = closing.find(({ fate, from }) => fate === 'dropped' && from === 'client');
          const again = closing.find(({ role, flags }) => role === 'retransmission' && flags.includes('F'));
          const answer = closing.find(
            ({ from, sentAt }) => from === 'client' && (sentAt ?? 0) > (again?.receivedAt ?? Number.POSITIVE_INFINITY),
          );
          const evidence = [lost, again, answer].filter((one) => one !== undefined);
          return all(
            holds(
              'the FIN comes again, by a kernel timer',
              again ? `again: ${again.text}` : 'not again',
              again?.cause?.kind === 'timer',
              evidence,
            ),
            equal('the answer', '. 2:2(0) ack 2', answer?.text, evidence),
            equal('the server', 'CLOSED', state('server').state, states('server').slice(-1)),
            equal('the client', 'TIME-WAIT', state('client').state, [state('client')]),
          );
        },
        'the TIME-WAIT socket is gone': (run) => {
          const { closing, rows } = run.during('TIME-WAIT is gone').connection();
          const again = closing.find(({ role, flags }) => role === 'retransmission' && flags.includes('F'));
          const answer = closing.find(
            ({ from, sentAt }) => from === 'client' && (sentAt ?? 0) > (again?.receivedAt ?? Number.POSITIVE_INFINITY),
          );
          const waiting = rows('client').filter(({ row }) => row.state === 'TIME-WAIT');
          const evidence = [again, answer].filter((one) => one !== undefined);
          return all(
            equal('TIME-WAIT rows on the client', 0, waiting.length, [...evidence, ...waiting]),
            equal('the answer', 'R', answer?.flags, evidence),
          );
        },
      },
    ),
  },
});

/** The second FIN of the server. */
const isRepeatedFin = () => {
  let fins = 0;
  return ({ from, flags }: { from: string; flags: string }) => from === 'server' && flags.includes('F') && ++fins === 2;
};
