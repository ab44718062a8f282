// shutdown(SHUT_WR) and shutdown(SHUT_RDWR) send a FIN. When the server closes as well, the client ends in TIME-WAIT, as
// after a close(). What becomes of data is asked by `shutdown-write-unsent` and `shutdown-write-loss`.
import { causedBy, connectTo, endState, experiment, listenOn, sequence, staged, states, type View } from '#finwait';

export default experiment({
  title: 'The client shuts down its sending side',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.raw();
    const listener = await listenOn(app, 50000);
    const caller = await client.raw();

    for (const how of ['SHUT_WR', 'SHUT_RDWR'] as const) {
      await stage(`of ${how}`, async () => {
        const socket = await connectTo(caller, server, 50000);
        const accepted = (await app.accept(listener)).value;
        await caller.shutdown(socket, how);
        await app.recv(accepted, 100); // returns 0
        await app.close(accepted);
      });
    }
  },

  findings: {
    A14: staged(
      'SHUT_WR and SHUT_RDWR send a FIN; when the server then closes, the connection ends with TIME-WAIT on the client',
      {
        'of SHUT_WR': (view) => endsInTimeWait(view),
        'of SHUT_RDWR': (view) => endsInTimeWait(view),
      },
    ),
  },
});

const endsInTimeWait = (view: View) => {
  const { closing, closingStates } = view.connection();
  return [
    sequence(closing, [
      'client F. 1:1(0) ack 1',
      'server . 1:1(0) ack 2',
      'server F. 1:1(0) ack 2',
      'client . 2:2(0) ack 2',
    ]),
    causedBy(closing[0], 'call'),
    states('client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], closingStates('client')),
    endState(view.connection(), 'server', 'CLOSED'),
  ];
};
