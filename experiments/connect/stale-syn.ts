// An old SYN reaches the server when the client has long gone on. The server answers it and waits for a third segment,
// which never comes: whether the client's RST tells it so or nothing does, it ends without a connection. With two
// segments it would have had one.
import {
  all,
  answerTo,
  carries,
  claim,
  count,
  endState,
  equal,
  experiment,
  finding,
  limit,
  listenOn,
  type NodeSocket,
  none,
  returns,
  states,
  type View,
} from '#finwait';

type Waiting = { socket: NodeSocket; listener: number; letOthersPass: () => Promise<void> };

export default experiment({
  title: 'An old SYN arrives late',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 3,

  async run({ client, server, wire, stage }) {
    await server.sysctl('net.ipv4.tcp_synack_retries', 1);
    const app = await server.raw();
    const browser = await client.node();

    /** The first SYN stays on the wire while the client goes on; then it arrives. */
    const deliverLate = async (port: number, goOn: (client: Waiting) => Promise<void>) => {
      const listener = await listenOn(app, port);
      await app.nonblock(listener, true);
      const letOthersPass = await wire.hold(({ flags }) => flags === 'S', { from: 'client' });
      const socket = await browser.connect(server, port);
      await goOn({ socket, listener, letOthersPass });
      const syns = wire.held().filter(({ destinationPort }) => destinationPort === port);
      await wire.release(syns.slice(0, 1));
      return listener;
    };
    const giveUp = async ({ socket, letOthersPass }: Waiting) => {
      await socket.destroy();
      await letOthersPass();
    };
    const acceptInVain = async (localPort: number, listener: number) => {
      await server.untilGone({ localPort, state: 'SYN-RECEIVED' });
      await app.accept(listener);
    };

    await stage('the client has given up', async () => acceptInVain(50000, await deliverLate(50000, giveUp)));

    await stage('the connection it asked for is over', async () => {
      const listener = await deliverLate(50001, async ({ socket, listener, letOthersPass }) => {
        await letOthersPass();
        await socket.event('connect'); // by the same SYN, sent again after a second
        await wire.quiet();
        const connection = (await app.accept(listener)).value;
        await socket.end();
        await app.close(connection);
      });
      await acceptInVain(50001, listener);
    });

    await stage('the RST is lost', async () => {
      const endDrop = await wire.drop(carries('RST'), { from: 'client' });
      await acceptInVain(50002, await deliverLate(50002, giveUp));
      await endDrop();
    });

    await stage('two segments are enough', async () => {
      await wire.hold(carries('RST'), { from: 'client', times: 1 });
      const listener = await deliverLate(50003, giveUp);
      await wire.inject({ from: 'client', flags: '.', seq: 1, ack: 1 }); // the wire supplies the third, as if the server needed none
      const connection = (await app.accept(listener)).value;
      await wire.release(); // now the RST arrives
      await app.recv(connection, 100);
    });
  },

  findings: {
    D2: finding(
      'Three segments are needed: with two, a stale duplicate SYN would leave a dead connection on the server',
      {
        'when the client has given up': (run) => answeredByReset(run.during('the client has given up')),
        'when the connection the SYN asked for is over, the client in TIME-WAIT': (run) =>
          answeredByReset(run.during('the connection it asked for is over')),
        "when the client's RST is lost": limit((run) => {
          const view = run.during('the RST is lost');
          const resets = view.segments({ from: 'client' }).filter(carries('RST'));
          const arrived = resets.filter(({ receivedAt }) => receivedAt !== undefined);
          return all(
            count('SYN-ACKs', 2, view.segments({ flags: 'S.' })),
            none('RSTs that arrived', arrived, resets),
            leavesNothing(view),
          );
        }, 'the article loses nothing after the old SYN'),
        'for what two segments would leave, the wire supplying the third': claim((run) => {
          const whole = run.during('two segments are enough');
          return leavesDeadConnection(whole.between(undefined, whole.operations('release')[1]));
        }, 'it ends before the RST of the client arrives, as the article does, which knows of none'),
        'for what two segments would leave once the RST of the client arrives': limit(
          (run) => leavesDeadConnection(run.during('two segments are enough')),
          'the article has the client say nothing to the answer it did not expect',
        ),
      },
      'A SYN-ACK for which there is no socket is answered with RST (RFC 9293, section 3.5, figure 8). A TIME-WAIT socket first answers with an ACK, which the server refuses with a RST that ends TIME-WAIT (RFC 1337); the SYN-ACK sent again then gets its RST. A RST that arrives would end what two segments had set up as well; one that is lost leaves it for ever, because no timer is armed.',
    ),
  },
});

const sinceRelease = (view: View) => view.between(view.operations('release')[0]);

/** The last SYN-ACK is answered by the client with RST, and nothing is left. */
const answeredByReset = (view: View) => {
  const late = sinceRelease(view).segments();
  const question = late.findLast(({ flags }) => flags === 'S.');
  const answer = answerTo(question, late);
  return all(
    equal("the client's answer to the SYN-ACK", 'R 1:1(0)', answer?.text, [question, answer]),
    leavesNothing(view),
  );
};

/** From the late SYN on the server has been in SYN-RECEIVED only, and accept() gives out nothing. */
const leavesNothing = (view: View) => {
  const late = sinceRelease(view);
  const changes = late.server.states().filter(({ connection }) => connection !== undefined);
  return all(
    states('server after the old SYN', ['SYN-RECEIVED', 'CLOSED'], changes),
    returns('accept()', 'EAGAIN', late.server.calls('accept').at(-1)),
  );
};

/** The server has a connection that accept() gave out, the client has none, and no timer of the server would ever end it. */
const leavesDeadConnection = (view: View) => {
  const connection = view.connection();
  const held = connection.rows('server').at(-1);
  return all(
    returns('accept()', 'success', view.server.calls('accept').at(-1)),
    endState(connection, 'server', 'ESTABLISHED'),
    endState(connection, 'client', 'CLOSED'),
    equal('timer on the server', 'none', held?.row.timer?.name ?? 'none', [held]),
  );
};
