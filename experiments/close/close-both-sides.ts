// Both sides close, one after the other: the four-way close, number by number and state by state; then the same with
// the roles exchanged.
import { all, endState, equal, experiment, finding, type HostName, sequence, states, type View } from '#finwait';

export default experiment({
  title: 'Both sides close, one after the other',
  article: ['connection-states', 'close-variants', 'establish-and-release'],
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const browser = await client.node();

    await stage('the client closes first', async () => {
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      const accepted = await app.accepted();
      await socket.end();
      await accepted.end();
    });

    await stage('the server closes first', async () => {
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      const accepted = await app.accepted();
      await accepted.end();
      await socket.end();
    });
  },

  findings: {
    A8: finding('Both close: a four-way close; the closer shows TIME-WAIT, the server nothing', {
      'when the client closes first': (run) => {
        const connection = run.during('the client closes first').connection();
        return all(
          sequence(connection.closing, ['client F.', 'server .', 'server F.', 'client .']),
          endState(connection, 'client', 'TIME-WAIT'),
          endState(connection, 'server', 'CLOSED'),
        );
      },
    }),
    B1: finding('A normal close is four segments with the relative numbers FIN(1,1) ACK(1,2) FIN(1,2) ACK(2,2)', {
      'when the client closes first': (run) => fourSegments(run.during('the client closes first'), 'client', 'server'),
      'when the server closes first': (run) => fourSegments(run.during('the server closes first'), 'server', 'client'),
    }),
    D3: finding(
      'The closer goes FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED; the other end CLOSE-WAIT, LAST-ACK, CLOSED',
      {
        'when the client closes first': (run) => bothWays(run.during('the client closes first'), 'client', 'server'),
        'when the server closes first': (run) => bothWays(run.during('the server closes first'), 'server', 'client'),
      },
    ),
  },
});

const fourSegments = (view: View, active: HostName, passive: HostName) =>
  sequence(view.connection().closing, [
    `${active} F. 1:1(0) ack 1`,
    `${passive} . 1:1(0) ack 2`,
    `${passive} F. 1:1(0) ack 2`,
    `${active} . 2:2(0) ack 2`,
  ]);

/** TIME-WAIT takes a minute: that it ends in CLOSED is shown by the timer armed on it, and waited for in `time-wait-length`. */
const bothWays = (view: View, active: HostName, passive: HostName) => {
  const connection = view.connection();
  const { row, ...sample } = connection.row(active);
  return all(
    states('active close', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], connection.closingStates(active)),
    equal('TIME-WAIT will end: its timer', 'timewait', row.timer?.name ?? 'none', [sample]),
    states('passive close', ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'], connection.closingStates(passive)),
  );
};
