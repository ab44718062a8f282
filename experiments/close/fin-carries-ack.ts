// The peer's FIN brings the ACK of the own FIN along: what becomes of FIN-WAIT-2? Beside it the close in which the ACK
// comes first.
import { all, control, equal, experiment, finding, sequence, states } from '#finwait';

export default experiment({
  title: 'FIN and ACK arrive together',
  article: 'close-variants',
  retransmitAfterSeconds: 5, // no FIN is sent again while the wire holds it

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();
    const closeInTurn = async () => {
      const socket = await browser.connect(server, 50000);
      const accepted = await app.accepted();
      await socket.end();
      await accepted.end();
    };

    await stage('together', async () => {
      // The ACK that leaves by itself is lost, so the FIN brings it.
      await wire.drop(({ flags, ack }) => flags === '.' && ack === 2, { from: 'server', times: 1 });
      await closeInTurn();
    });
    await stage('the ACK first', closeInTurn);
  },

  findings: {
    B7: finding(
      'FIN and ACK arriving together take FIN-WAIT-1 straight to TIME-WAIT, without FIN-WAIT-2',
      {
        'in the samples around the one segment': (run) => {
          const { closing, states: changes } = run.during('together').connection();
          const arrived = closing.filter(({ from, fate }) => from === 'server' && fate === 'delivered');
          const last = changes('client').at(-1);
          const cause = last?.cause?.kind === 'segment' ? last.cause.event : 'no segment';
          return all(
            sequence(arrived, ['server F. 1:1(0) ack 2']),
            states('the client', ['FIN-WAIT-1', 'TIME-WAIT'], changes('client').slice(-2)),
            equal('TIME-WAIT is caused by', arrived[0]?.id, cause, [...arrived, ...changes('client').slice(-1)]),
          );
        },
        'where the ACK comes first the witness sees FIN-WAIT-2': control((run) => {
          const changes = run.during('the ACK first').connection().states('client').slice(-3);
          return states('the client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], changes);
        }, 'a witness that never sees FIN-WAIT-2 could not tell that it was left out'),
      },
      'While it handles the one segment the kernel sets FIN-WAIT-2, then TIME-WAIT (tcp_rcv_state_process(), tcp_fin()); nothing outside can see it.',
    ),
  },
});
