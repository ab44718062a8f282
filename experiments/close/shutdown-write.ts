// shutdown(SHUT_WR) and shutdown(SHUT_RDWR) send a FIN. What becomes of data written before, but not yet sent?
// `shutdown-write-loss` asks about data that was sent and lost.
import {
  all,
  bytesOf,
  connectTo,
  contrast,
  endState,
  equal,
  experiment,
  finding,
  sequence,
  states,
  type View,
} from '#finwait';

type How = 'SHUT_WR' | 'SHUT_RDWR';

export default experiment({
  title: 'The client shuts down its sending side',
  article: 'connection-states',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.raw();
    const listener = (await app.socket()).value;
    await app.setsockopt(listener, 'SOL_SOCKET', 'SO_RCVBUF', 4096); // a few segments fill it
    await app.bind(listener, 50000);
    await app.listen(listener, 5);
    const caller = await client.raw();
    const connect = async () => {
      const socket = await connectTo(caller, server, 50000);
      return { socket, accepted: (await app.accept(listener)).value };
    };
    const readAndClose = async (accepted: number) => {
      while ((await app.recv(accepted, 65_536)).value > 0);
      await app.close(accepted);
    };

    for (const how of ['SHUT_WR', 'SHUT_RDWR'] as const) {
      await stage(`${how}, then the server closes`, async () => {
        const { socket, accepted } = await connect();
        await caller.shutdown(socket, how);
        await readAndClose(accepted);
      });

      await stage(`${how} before all is sent`, async () => {
        const { socket, accepted } = await connect();
        await caller.nonblock(socket, true);
        await caller.send(socket, { bytes: 20_000 }); // the server does not read: the rest stays with the client
        await caller.shutdown(socket, how);
        await readAndClose(accepted);
      });
    }
  },

  findings: {
    A14: finding(
      'SHUT_WR and SHUT_RDWR send a FIN; when the server then closes, the connection ends with TIME-WAIT on the client',
      {
        'of SHUT_WR': (run) => endsInTimeWait(run, 'SHUT_WR'),
        'of SHUT_RDWR': (run) => endsInTimeWait(run, 'SHUT_RDWR'),
      },
    ),
    A15: finding(
      'SHUT_WR discards data written but not yet sent',
      {
        'of SHUT_WR': (run) => discardsUnsent(run, 'SHUT_WR'),
        'of SHUT_RDWR': (run) => discardsUnsent(run, 'SHUT_RDWR'),
        'all that was written before it is sent, and then the FIN': contrast((run) =>
          all(...(['SHUT_WR', 'SHUT_RDWR'] as const).map((how) => sendsTheRest(run, how))),
        ),
      },
      'tcp_shutdown() puts the FIN behind what waits in the send queue (RFC 9293, section 3.10.4: until all preceding SENDs have been segmentized).',
    ),
  },
});

const endsInTimeWait = (run: View, how: How) => {
  const connection = run.during(`${how}, then the server closes`).connection();
  const closing = connection.closing.filter(({ role }) => role === undefined);
  return all(
    sequence(closing, [
      'client F. 1:1(0) ack 1',
      'server . 1:1(0) ack 2',
      'server F. 1:1(0) ack 2',
      'client . 2:2(0) ack 2',
    ]),
    equal('cause of the FIN', 'call', closing[0]?.cause?.kind, [closing[0]]),
    states('client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], connection.closingStates('client')),
    endState(connection, 'server', 'CLOSED'),
  );
};

/** The server reads what the wire had carried before shutdown(), and no more. */
const discardsUnsent = (run: View, how: How) => {
  const { send, shutdown, written, sent, reads } = unsent(run, how);
  const what = `bytes the server reads, of ${written} written and ${sent} sent before ${how}`;
  return equal(what, sent, bytesOf(reads), [send, shutdown, ...reads]);
};

/** The server reads all that was written, and the FIN stands behind it. */
const sendsTheRest = (run: View, how: How) => {
  const { view, send, written, reads } = unsent(run, how);
  const fin = view.connection().closing.find(({ from }) => from === 'client');
  return all(
    equal(`bytes the server reads, of ${written} written before ${how}`, written, bytesOf(reads), [send, ...reads]),
    equal('the FIN follows the last byte', written + 1, fin && fin.seq + fin.length, [fin]),
  );
};

const unsent = (run: View, how: How) => {
  const view = run.during(`${how} before all is sent`);
  const [send] = view.client.calls('send');
  const [shutdown] = view.client.calls('shutdown');
  if (!send || !shutdown) throw new Error('data was not written, or the side not shut down');
  const written = Number(send.returned?.value);
  const before = view.between(undefined, shutdown).segments({ from: 'client' });
  const sent = Math.max(...before.map(({ seq, length }) => seq - 1 + length));
  if (!(sent < written)) throw new Error(`all of ${written} bytes were sent before shutdown()`);
  return { view, send, shutdown, written, sent, reads: view.server.reads() };
};
