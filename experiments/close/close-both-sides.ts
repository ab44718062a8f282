// Both sides close, one after the other: four segments, FIN and ACK each way. The one that closes first ends in
// TIME-WAIT, the other in CLOSED. Then the same with the roles exchanged.
import { connected, endStates, experiment, sequence, staged, states, stays, type View } from '#finwait';

export default experiment({
  title: 'Both sides close, one after the other',
  article: ['connection-states', 'close-variants', 'establish-and-release'],
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('when the client closes first', async () => {
      const { socket, accepted } = await connected(client, server, 50000);
      await socket.end();
      await accepted.end();
    });

    await stage('when the server closes first', async () => {
      const { socket, accepted } = await connected(client, server, 50001);
      await accepted.end();
      await socket.end();
    });
  },

  furtherCases: { D3: ['time-wait-length'] },
  findings: {
    A8: staged('Both close: a four-way close; the closer shows TIME-WAIT, the server nothing', {
      'when the client closes first': (view) => [
        sequence(view.connection().closing, ['client F.', 'server .', 'server F.', 'client .']),
        endStates(view.connection(), { client: 'TIME-WAIT', server: 'CLOSED' }),
      ],
    }),
    B1: staged('A normal close is four segments with the relative numbers FIN(1,1) ACK(1,2) FIN(1,2) ACK(2,2)', {
      'when the client closes first': (view) => fourSegments(view, ['client', 'server']),
      'when the server closes first': (view) => fourSegments(view, ['server', 'client']),
    }),
    D3: staged(
      'The closer goes FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED; the other end CLOSE-WAIT, LAST-ACK, CLOSED',
      {
        'when the client closes first': (view) => bothWays(view, ['client', 'server']),
        'when the server closes first': (view) => bothWays(view, ['server', 'client']),
      },
    ),
  },
});

type Roles = ['client', 'server'] | ['server', 'client'];

const fourSegments = (view: View, [active, passive]: Roles) =>
  sequence(view.connection().closing, [
    `${active} F. 1:1(0) ack 1`,
    `${passive} . 1:1(0) ack 2`,
    `${passive} F. 1:1(0) ack 2`,
    `${active} . 2:2(0) ack 2`,
  ]);

/** TIME-WAIT takes a minute: that a timer will end it is seen here, and waited for in `time-wait-length`. */
const bothWays = (view: View, [active, passive]: Roles) => {
  const connection = view.connection();
  const waiting = connection.closingStates(active).at(-1);
  return [
    states('active close', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], connection.closingStates(active)),
    stays(connection.between(waiting), active, 'TIME-WAIT', { timer: 'timewait' }),
    states('passive close', ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'], connection.closingStates(passive)),
  ];
};
