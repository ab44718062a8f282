// The peer's FIN brings the ACK of the own FIN along: FIN-WAIT-1 becomes TIME-WAIT in one step, and FIN-WAIT-2 is left
// out. Beside it the close in which the ACK comes first.
import { causedBy, connected, control, experiment, finding, sent, sequence, states } from '#finwait';

export default experiment({
  title: 'FIN and ACK arrive together',
  article: 'close-variants',
  retransmitAfterSeconds: 5, // no FIN is sent again while the wire holds it

  async run({ client, server, wire, stage }) {
    await stage('together', async () => {
      const { socket, accepted } = await connected(client, server, 50000);
      // The ACK that leaves by itself is lost, so the FIN brings it.
      await wire.drop(({ flags, ack }) => flags === '.' && ack === 2, { from: 'server', times: 1 });
      await socket.end();
      await accepted.end();
    });

    await stage('the ACK first', async () => {
      const { socket, accepted } = await connected(client, server, 50001);
      await socket.end();
      await accepted.end();
    });
  },

  findings: {
    B7: finding(
      'FIN and ACK arriving together take FIN-WAIT-1 straight to TIME-WAIT, without FIN-WAIT-2',
      {
        'in the samples around the one segment': (run) => {
          const { closing, closingStates } = run.during('together').connection();
          const arrived = closing.filter(sent('server')).filter(({ fate }) => fate === 'delivered');
          return [
            sequence(arrived, ['server F. 1:1(0) ack 2']),
            states('the client', ['FIN-WAIT-1', 'TIME-WAIT'], closingStates('client')),
            causedBy(closingStates('client').at(-1), arrived[0]),
          ];
        },
        'where the ACK comes first the witness sees FIN-WAIT-2': control((run) => {
          const { closingStates } = run.during('the ACK first').connection();
          return states('the client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], closingStates('client'));
        }, 'a witness that never sees FIN-WAIT-2 could not tell that it was left out'),
      },
      'While it handles the one segment the kernel sets FIN-WAIT-2, then TIME-WAIT (tcp_rcv_state_process(), tcp_fin()); nothing outside can see it.',
    ),
  },
});
