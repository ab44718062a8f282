// The client calls shutdown() when it has written more than could be sent. Is the rest discarded, or does the FIN wait
// behind it? The server reads only after the call, so that the rest is still with the client.
import { bytesOf, connectTo, contrast, equal, experiment, finding, sent, type View } from '#finwait';

type How = 'SHUT_WR' | 'SHUT_RDWR';

export default experiment({
  title: 'The client shuts down its sending side before all is sent',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.raw();
    const listener = (await app.socket()).value;
    await app.setsockopt(listener, 'SOL_SOCKET', 'SO_RCVBUF', 4096); // a few segments fill it
    await app.bind(listener, 50000);
    await app.listen(listener, 5);
    const caller = await client.raw();

    for (const how of ['SHUT_WR', 'SHUT_RDWR'] as const) {
      await stage(how, async () => {
        const socket = await connectTo(caller, server, 50000);
        const accepted = (await app.accept(listener)).value;
        await caller.nonblock(socket, true);
        await caller.send(socket, { bytes: 20_000 });
        await caller.shutdown(socket, how);
        while ((await app.recv(accepted, 65_536)).value > 0);
        await app.close(accepted);
      });
    }
  },

  findings: {
    A15: finding(
      'SHUT_WR discards data written but not yet sent',
      {
        'of SHUT_WR': (run) => discardsUnsent(run, 'SHUT_WR'),
        'of SHUT_RDWR': (run) => discardsUnsent(run, 'SHUT_RDWR'),
        'all that was written before it is sent, and then the FIN': contrast((run) => [
          sendsTheRest(run, 'SHUT_WR'),
          sendsTheRest(run, 'SHUT_RDWR'),
        ]),
      },
      'tcp_shutdown() puts the FIN behind what waits in the send queue (RFC 9293, section 3.10.4: until all preceding SENDs have been segmentized).',
    ),
  },
});

/** The server reads what the wire had carried before shutdown(), and no more. */
const discardsUnsent = (run: View, how: How) => {
  const { written, early, reads, calls } = unsent(run, how);
  const what = `bytes the server reads, of ${written} written and ${early} sent before ${how}`;
  return equal(what, early, bytesOf(reads), [...calls, ...reads]);
};

/** The server reads all that was written, and the FIN stands behind it. */
const sendsTheRest = (run: View, how: How) => {
  const { written, reads, calls } = unsent(run, how);
  const fin = run.during(how).segments().find(sent('client', 'FIN'));
  return [
    equal(`bytes the server reads, of ${written} written before ${how}`, written, bytesOf(reads), [...calls, ...reads]),
    equal('the FIN follows the last byte', written + 1, fin && fin.seq + fin.length, [fin]),
  ];
};

const unsent = (run: View, how: How) => {
  const view = run.during(how);
  const calls = view.client.calls(['send', 'shutdown']);
  const [send, shutdown] = calls;
  const written = Number(send?.returned?.value);
  const early = bytesOf(view.between(undefined, shutdown).segments({ from: 'client' }));
  if (!(early < written)) throw new Error(`all of ${written} bytes were sent before shutdown()`);
  return { written, early, reads: view.server.reads(), calls };
};
