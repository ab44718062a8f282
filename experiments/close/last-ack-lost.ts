// The last ACK of a close is lost. TIME-WAIT is there to answer the FIN that comes again; without it the answer is RST.
import { all, answerTo, equal, experiment, finding, holds, type SegmentEvent, type WireControl } from '#finwait';

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
          const connection = run.during('TIME-WAIT is there').connection();
          const { closing, state, states } = connection;
          const lost = closing.find(({ fate, from }) => fate === 'dropped' && from === 'client');
          const { again, answer } = secondFin(closing);
          const evidence = [lost, again, answer];
          const waiting = connection.between(undefined, again?.receivedAt).rows('client').at(-1);
          return all(
            holds(
              'the FIN comes again, by a kernel timer',
              again ? `again: ${again.text}` : 'not again',
              again?.cause?.kind === 'timer',
              evidence,
            ),
            equal('the answer', '. 2:2(0) ack 2', answer?.text, evidence),
            equal('the server', 'CLOSED', state('server').state, states('server').slice(-1)),
            equal('the client, when the FIN comes again', 'TIME-WAIT', waiting?.row.state, [waiting]),
          );
        },
        'the TIME-WAIT socket is gone': (run) => {
          const { closing, rows } = run.during('TIME-WAIT is gone').connection();
          const { again, answer } = secondFin(closing);
          const waiting = rows('client').filter(({ row }) => row.state === 'TIME-WAIT');
          const evidence = [again, answer];
          return all(
            equal('TIME-WAIT rows on the client', 0, waiting.length, [...evidence, ...waiting]),
            equal('the answer', 'R', answer?.flags, evidence),
          );
        },
      },
    ),
  },
});

/** The FIN the server sends again, and what the client says to it. */
const secondFin = (closing: SegmentEvent[]) => {
  const again = closing.find(
    ({ from, role, flags }) => from === 'server' && role === 'retransmission' && flags.includes('F'),
  );
  return { again, answer: answerTo(again, closing) };
};

/** The second FIN of the server. */
const isRepeatedFin = () => {
  let fins = 0;
  return ({ from, flags }: { from: string; flags: string }) => from === 'server' && flags.includes('F') && ++fins === 2;
};
