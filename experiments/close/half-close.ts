// One side has finished sending and still receives: the other learns of it by a read that returns 0, and goes on sending.
import { all, equal, experiment, finding, holds, type View } from '#finwait';

export default experiment({
  title: 'A half-close: one direction ends, the other goes on',
  article: ['establish-and-release', 'tcpdump-observation'],

  async run({ client, server, stage }) {
    const browser = await client.node();

    await stage('a server that makes the calls itself', async () => {
      const app = await server.raw();
      const listener = (await app.socket()).value;
      await app.bind(listener, 50000);
      await app.listen(listener, 5);
      const socket = await browser.connect(server, 50000, { allowHalfOpen: true });
      const connection = (await app.accept(listener)).value;
      await socket.end('last words');
      await app.recv(connection, 100);
      await app.recv(connection, 100); // returns 0
      await app.send(connection, 'still here');
      await socket.received(10);
      await app.close(connection);
      await socket.event('end');
    });

    await stage('a Node server with allowHalfOpen', async () => {
      const app = await server.node();
      await app.listen(50001, { allowHalfOpen: true });
      const socket = await browser.connect(server, 50001, { allowHalfOpen: true });
      const accepted = await app.accepted();
      await socket.end('last words');
      await accepted.event('end');
      await accepted.write('still here');
      await socket.received(10);
      await accepted.end();
      await socket.event('end');
    });
  },

  findings: {
    D4: finding("After the client's FIN the server can still send", {
      'the server makes the calls itself': (run) => sendsAfterFin(run.during('a server that makes the calls itself')),
      'a Node server with allowHalfOpen': (run) => sendsAfterFin(run.during('a Node server with allowHalfOpen')),
    }),
    E4: finding(
      'Half-close: one end has finished sending and still receives; the program learns of it by read returning 0',
      {
        'recv() returns 0 at the FIN, and data follows': (run) => {
          const view = run.during('a server that makes the calls itself');
          const reads = view.server.calls('recv');
          const counts = reads.map(({ returned }) => (returned?.value as { bytes?: number } | undefined)?.bytes);
          return all(equal('recv() returned', [10, 0], counts, reads), sendsAfterFin(view));
        },
        "Node emits 'end' at the FIN, and data follows": (run) => {
          const view = run.during('a Node server with allowHalfOpen');
          const ends = view.server.emits('end');
          const fin = view.segments({ from: 'client' }).find(({ flags }) => flags.includes('F'));
          return all(
            holds(
              "'end' after the FIN has arrived",
              `FIN ${fin?.id ?? 'none'}, 'end' ${ends[0]?.id ?? 'none'}`,
              fin?.receivedAt !== undefined && ends[0] !== undefined && ends[0].at > fin.receivedAt,
              [...(fin ? [fin] : []), ...ends],
            ),
            sendsAfterFin(view),
          );
        },
      },
    ),
  },
});

/** Data sent by the server after the client's FIN had arrived is acknowledged by the client and read by its application. */
const sendsAfterFin = (view: View) => {
  const { segments, emits } = view.connection();
  const fin = segments.find(({ from, flags }) => from === 'client' && flags.includes('F'));
  const data = segments.find(
    ({ from, length, sentAt }) =>
      from === 'server' && length > 0 && (sentAt ?? 0) > (fin?.receivedAt ?? Number.POSITIVE_INFINITY),
  );
  const acknowledged = segments.find(
    ({ from, ack }) => from === 'client' && data !== undefined && ack >= data.seq + data.length,
  );
  const read = emits('client', 'data');
  return all(
    holds(
      'data after the FIN, acknowledged',
      `${data?.text ?? 'no data'}, ${acknowledged ? 'acknowledged' : 'not acknowledged'}`,
      acknowledged !== undefined,
      [...[fin, data, acknowledged].filter((one) => one !== undefined)],
    ),
    equal('the client read', 'still here', read.map(({ text }) => text).join(''), read),
  );
};
