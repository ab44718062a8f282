// One side has finished sending and still receives: the other learns of it by a read that returns 0, and goes on sending.
import { answerTo, count, equal, experiment, finding, hasRead, listenOn, sent, staged, type View } from '#finwait';

export default experiment({
  title: 'A half-close: one direction ends, the other goes on',
  article: ['establish-and-release', 'tcpdump-observation'],
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const browser = await client.node();

    await stage('when the server makes the calls itself', async () => {
      const app = await server.raw();
      const listener = await listenOn(app, 50000);
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

    await stage('of a Node server with allowHalfOpen', async () => {
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
    D4: staged("After the client's FIN the server can still send", {
      'when the server makes the calls itself': (view) => sendsAfterFin(view),
      'of a Node server with allowHalfOpen': (view) => sendsAfterFin(view),
    }),
    E4: finding(
      'Half-close: one end has finished sending and still receives; the program learns of it by read returning 0',
      {
        'of recv(), which returns 0 at the FIN while data still goes the other way': (run) => {
          const view = run.during('when the server makes the calls itself');
          const reads = view.server.reads();
          return [
            equal(
              'recv() returned',
              [10, 0],
              reads.map(({ bytes }) => bytes),
              reads,
            ),
            sendsAfterFin(view),
          ];
        },
        "of Node, which emits 'end' at the FIN while data still goes the other way": (run) => {
          const view = run.during('of a Node server with allowHalfOpen');
          const fin = view.segments().find(sent('client', 'FIN'));
          const ends = view.between(fin?.receivedAt).server.emits('end');
          return [count("'end' after the FIN has arrived", 1, ends), sendsAfterFin(view)];
        },
      },
    ),
  },
});

/** Data sent by the server after the client's FIN had arrived is acknowledged by the client and read by its application. */
const sendsAfterFin = (view: View) => {
  const { segments, between, reads } = view.connection();
  const fin = segments.find(sent('client', 'FIN'));
  const data = between(fin?.receivedAt ?? Number.POSITIVE_INFINITY).segments.find(sent('server', 'data'));
  const answer = answerTo(data, segments);
  return [
    equal('data after the FIN is acknowledged up to', data && data.seq + data.length, answer?.ack, [fin, data, answer]),
    hasRead('the client', 'still here', reads('client'), [fin]),
  ];
};
