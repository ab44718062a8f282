// An old SYN reaches the server when the client has long gone on. The server answers it and waits for a third segment, which never comes:
// whether the client's RST tells it so or nothing does, it ends without a connection. With two segments it would have had one.
import { all, equal, experiment, finding, type NodeSocket, states, type View } from '#finwait';

type Waiting = { socket: NodeSocket; listener: number; letOthersPass: () => Promise<void> };

export default experiment({
  title: 'An old SYN arrives late',
  article: 'establish-and-release',
  longestWaitSeconds: 3,

  async run({ client, server, wire, stage }) {
    await server.sysctl('net.ipv4.tcp_synack_retries', 1);
    const app = await server.raw();
    const browser = await client.node();
    const isReset = ({ flags }: { flags: string }) => flags === 'R';

    /** The first SYN stays on the wire while the client goes on; then it arrives. */
    const deliverLate = async (port: number, goOn: (client: Waiting) => Promise<void>) => {
      const listener = (await app.socket()).value;
      await app.bind(listener, port);
      await app.listen(listener, 5);
      await app.nonblock(listener, true);
      const letOthersPass = await wire.hold(({ flags }) => flags === 'S', { from: 'client' });
      const socket = await browser.connect(server, port);
      await goOn({ socket, listener, letOthersPass });
      await wire.release(
        wire
          .held()
          .filter(({ destinationPort }) => destinationPort === port)
          .slice(0, 1),
      );
      return listener;
    };
    const giveUp = async ({ socket, letOthersPass }: Waiting) => {
      await socket.destroy();
      await letOthersPass();
    };

    await stage('the client has given up', async () => {
      const listener = await deliverLate(50000, giveUp);
      await server.untilGone({ localPort: 50000, state: 'SYN-RECEIVED' });
      await app.accept(listener);
    });

    await stage('the connection it asked for is over', async () => {
      const listener = await deliverLate(50001, async ({ socket, listener, letOthersPass }) => {
        await letOthersPass();
        await socket.event('connect'); // by the same SYN, sent again after a second
        await wire.quiet();
        const connection = (await app.accept(listener)).value;
        await socket.end();
        await app.close(connection);
      });
      await server.untilGone({ localPort: 50001, state: 'SYN-RECEIVED' });
      await app.accept(listener);
    });

    await stage('the RST is lost', async () => {
      const endDrop = await wire.drop(isReset, { from: 'client' });
      const listener = await deliverLate(50002, giveUp);
      await server.untilGone({ localPort: 50002, state: 'SYN-RECEIVED' });
      await app.accept(listener);
      await endDrop();
    });

    await stage('two segments are enough', async () => {
      await wire.hold(isReset, { from: 'client', times: 1 });
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
        'the client has given up': (run) => {
          const view = run.during('the client has given up');
          return all(answeredByReset(view), leavesNothing(view));
        },
        'the connection the SYN asked for is over, the client in TIME-WAIT': (run) => {
          const view = run.during('the connection it asked for is over');
          return all(answeredByReset(view), leavesNothing(view));
        },
        "the client's RST is lost": (run) => {
          const view = run.during('the RST is lost');
          const answers = view.connection().segments.filter(({ flags }) => flags === 'S.');
          const resets = view.segments({ from: 'client', flags: 'R' });
          return all(
            equal('SYN-ACKs', 2, answers.length, answers),
            equal('RSTs that arrived', 0, resets.filter(({ receivedAt }) => receivedAt !== undefined).length, resets),
            leavesNothing(view),
          );
        },
        'were two segments enough (the wire supplies the third), before the RST arrives': (run) => {
          const whole = run.during('two segments are enough');
          const view = whole.between(undefined, whole.operations('release')[1]);
          const { state, row } = view.connection();
          const accept = view.server.calls('accept').slice(-1);
          return all(
            equal('accept()', 'a connection', accept[0]?.returned?.errno ?? 'a connection', accept),
            equal('the server', 'ESTABLISHED', state('server').state, [state('server')]),
            equal('the client', 'CLOSED', state('client').state, [state('client')]),
            equal('timer on the server', 'none', row('server').row.timer?.name ?? 'none', [row('server')]),
          );
        },
      },
      'A SYN-ACK for which there is no socket is answered with RST (RFC 9293, section 3.5, figure 8). A TIME-WAIT socket first answers with an ACK, which the server refuses with a RST that ends TIME-WAIT (RFC 1337); the SYN-ACK sent again then gets its RST. A RST that arrives would end what two segments had set up as well; one that is lost leaves it for ever, because no timer is armed.',
    ),
  },
});

const sinceRelease = (view: View) => view.between(view.operations('release')[0]);

/** The last SYN-ACK is answered by the client with RST. */
const answeredByReset = (view: View) => {
  const late = sinceRelease(view).segments();
  const answer = late.findLast(({ flags }) => flags === 'S.');
  const reply = late.find(({ from, at }) => from === 'client' && at > (answer?.at ?? Number.POSITIVE_INFINITY));
  return equal(
    "the client's answer to the SYN-ACK",
    'R 1:1(0)',
    reply?.text,
    [answer, reply].filter((event) => event !== undefined),
  );
};

/** From the late SYN on the server has been in SYN-RECEIVED only, and accept() gives out nothing. */
const leavesNothing = (view: View) => {
  const late = sinceRelease(view);
  const changes = late.server.states().filter(({ connection }) => connection !== undefined);
  const accept = late.server.calls('accept').at(-1);
  return all(
    states('server after the old SYN', ['SYN-RECEIVED', 'CLOSED'], changes),
    equal('accept()', 'EAGAIN', accept?.returned?.errno ?? 'a connection', accept ? [accept] : []),
  );
};
