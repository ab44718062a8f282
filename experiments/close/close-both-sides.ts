// Both sides close, one after the other: the four-way close, number by number and state by state; then the same with the roles exchanged.
import { all, equal, experiment, finding, type HostName, holds, none, sequence, states, type View } from '#finwait';

export default experiment({
  title: 'Both sides close, one after the other',
  article: ['connection-states', 'close-variants', 'establish-and-release'],

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
      'the client closes first': (run) => {
        const view = run.during('the client closes first');
        const { closing, state } = view.connection();
        return all(
          sequence(closing, ['client F.', 'server .', 'server F.', 'client .']),
          equal('the closer', 'TIME-WAIT', state('client').state, [state('client')]),
          none(
            'row of the connection on the server',
            [state('server')].filter((end) => end.state !== 'CLOSED'),
            [state('server')],
          ),
        );
      },
    }),
    B1: finding('A normal close is four segments with the relative numbers FIN(1,1) ACK(1,2) FIN(1,2) ACK(2,2)', {
      'the client closes first': (run) => fourSegments(run.during('the client closes first'), 'client', 'server'),
      'the server closes first': (run) => fourSegments(run.during('the server closes first'), 'server', 'client'),
    }),
    D3: finding(
      'The closer goes FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED; the other end CLOSE-WAIT, LAST-ACK, CLOSED',
      {
        'the client closes first': (run) => bothWays(run.during('the client closes first'), 'client', 'server'),
        'the server closes first': (run) => bothWays(run.during('the server closes first'), 'server', 'client'),
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
  const closing = (host: HostName) =>
    connection.states(host).filter(({ to }) => !['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED'].includes(to));
  const last = connection.row(active);
  return all(
    states('active close', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], closing(active)),
    holds(
      'TIME-WAIT will end: its timer is armed',
      `timer: ${last.row.timer?.name ?? 'none'}`,
      last.row.timer?.name === 'timewait',
      [last],
    ),
    states('passive close', ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'], closing(passive)),
  );
};
