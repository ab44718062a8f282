// What if two segments were enough? An old SYN arrives, the server answers it, and the wire supplies the third segment,
// as if the server needed none: it has a connection that nobody wants and nothing would ever end.
import { carries, claim, experiment, finding, limit, listenOn, returns, states, stays, type View } from '#finwait';

export default experiment({
  title: 'An old SYN arrives late, and two segments are enough',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire }) {
    const app = await server.raw();
    const listener = await listenOn(app, 50000);
    const browser = await client.node();
    const letOthersPass = await wire.hold(carries('SYN'), { from: 'client' });
    const socket = await browser.connect(server, 50000);
    await socket.destroy(); // the client has given up
    await letOthersPass();
    await wire.hold(carries('RST'), { from: 'client', times: 1 }); // its answer to the SYN-ACK
    await wire.release(wire.held().slice(0, 1));
    await wire.inject({ from: 'client', flags: '.', seq: 1, ack: 1 });
    const connection = (await app.accept(listener)).value;
    await wire.release(); // now the RST arrives
    await app.recv(connection, 100);
  },

  furtherCases: { D2: ['stale-syn'] },
  findings: {
    D2: finding(
      'Three segments are needed: with two, a stale duplicate SYN would leave a dead connection on the server',
      {
        'for what two segments would leave, the wire supplying the third': claim(
          (run) => leavesDeadConnection(run.between(undefined, run.operations('release')[1])),
          'it ends before the RST of the client arrives, as the article does, which knows of none',
        ),
        'for what two segments would leave once the RST of the client arrives': limit(
          (run) => leavesDeadConnection(run),
          'the article has the client say nothing to the answer it did not expect',
        ),
      },
      'A RST that arrives would end what two segments had set up as well; one that is lost leaves it for ever, because no timer is armed.',
    ),
  },
});

/** The server has a connection that accept() gave out, the client has none, and no timer of the server would ever end it. */
const leavesDeadConnection = (view: View) => {
  const connection = view.connection();
  const [accepted] = view.server.calls('accept');
  return [
    returns('accept()', 'success', accepted),
    states('the client', ['SYN-SENT', 'CLOSED'], connection.states('client')),
    states('the server', ['SYN-RECEIVED', 'ESTABLISHED'], connection.states('server')),
    stays(connection.between(accepted?.returned?.at), 'server', 'ESTABLISHED', { timer: 'none' }),
  ];
};
