// An old SYN reaches the server when the client has long gone on. The server answers it and waits for a third segment,
// which never comes, and ends without a connection. With two segments it would have had one: `two-segment-handshake`.
import { carries, experiment, limit, listenOn, returns, sequence, staged, states, type View } from '#finwait';

export default experiment({
  title: 'An old SYN arrives late',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 3,

  async run({ client, server, wire, stage }) {
    await server.sysctl('net.ipv4.tcp_synack_retries', 1);
    const app = await server.raw();
    const browser = await client.node();
    /** A client asks for a connection, and its SYN stays on the wire. */
    const ask = async (port: number) => {
      const listener = await listenOn(app, port);
      await app.nonblock(listener, true);
      const letOthersPass = await wire.hold(({ flags }) => flags === 'S', { from: 'client' });
      return { listener, letOthersPass, socket: await browser.connect(server, port) };
    };
    /** Now it arrives. The server answers, and waits in vain. */
    const arrive = async (localPort: number, listener: number) => {
      const held = wire.held().filter(({ destinationPort }) => destinationPort === localPort);
      await wire.release(held.slice(0, 1));
      await server.untilGone({ localPort, state: 'SYN-RECEIVED' });
      await app.accept(listener);
    };
    const giveUp = async (port: number) => {
      const { listener, letOthersPass, socket } = await ask(port);
      await socket.destroy();
      await letOthersPass();
      await arrive(port, listener);
    };

    await stage('when the client has given up', () => giveUp(50000));

    await stage('when the connection the SYN asked for is over, the client in TIME-WAIT', async () => {
      const { listener, letOthersPass, socket } = await ask(50001);
      await letOthersPass();
      await socket.event('connect'); // by the same SYN, sent again after a second
      await wire.quiet();
      const connection = (await app.accept(listener)).value;
      await socket.end();
      await app.close(connection);
      await arrive(50001, listener);
    });

    await wire.drop(carries('RST'), { from: 'client' });
    await stage("when the client's RST is lost", () => giveUp(50002));
  },

  furtherCases: { D2: ['two-segment-handshake'] },
  findings: {
    D2: staged(
      'Three segments are needed: with two, a stale duplicate SYN would leave a dead connection on the server',
      {
        'when the client has given up': (view) => [answeredByReset(view), leavesNothing(view)],
        'when the connection the SYN asked for is over, the client in TIME-WAIT': (view) => [
          answeredByReset(view),
          leavesNothing(view),
        ],
        "when the client's RST is lost": limit(
          (view) => [
            sequence(view.segments({ flags: 'S.' }), ['server S.', 'server S.']),
            sequence(view.segments({ fate: 'dropped' }), ['client R', 'client R']),
            leavesNothing(view),
          ],
          'the article loses nothing after the old SYN',
        ),
      },
      'A SYN-ACK for which there is no socket is answered with RST (RFC 9293, section 3.5, figure 8). A TIME-WAIT socket first answers with an ACK, which the server refuses with a RST that ends TIME-WAIT (RFC 1337); the SYN-ACK sent again then gets its RST.',
    ),
  },
});

const answeredByReset = (view: View) => sequence(view.segments({ from: 'client', flags: 'R' }), ['client R 1:1(0)']);

/** From the late SYN on the server has been in SYN-RECEIVED only, and accept() gives out nothing. */
const leavesNothing = (view: View) => {
  const late = view.between(view.operations('release')[0]).server;
  const changes = late.states().filter(({ connection }) => connection !== undefined);
  return [
    states('server after the old SYN', ['SYN-RECEIVED', 'CLOSED'], changes),
    returns('accept()', 'EAGAIN', late.calls('accept').at(-1)),
  ];
};
