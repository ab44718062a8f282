// Data was sent and lost when the client calls shutdown(). Is it still waited for, and sent again?
import {
  all,
  bytesOf,
  carries,
  connectTo,
  contrast,
  equal,
  experiment,
  finding,
  listenOn,
  none,
  type View,
} from '#finwait';

type How = 'SHUT_WR' | 'SHUT_RDWR';

export default experiment({
  title: 'The client shuts down its sending side after data was lost',
  article: 'connection-states',

  async run({ client, server, wire, stage }) {
    const app = await server.raw();
    const listener = await listenOn(app, 50000);
    const caller = await client.raw();

    for (const how of ['SHUT_WR', 'SHUT_RDWR'] as const) {
      // Lost before the call in any case, and so many times more after it.
      for (const more of [0, 2]) {
        await stage(`${how} after data was lost, ${more} more losses`, async () => {
          const socket = await connectTo(caller, server, 50000);
          const accepted = (await app.accept(listener)).value;
          const stop = await wire.drop(carries('data'), { from: 'client' });
          await caller.send(socket, 'the last words');
          await caller.shutdown(socket, how);
          if (more > 0) await wire.drop(carries('data'), { from: 'client', times: more });
          await stop();
          while ((await app.recv(accepted, 100)).value > 0);
          await app.close(accepted);
        });
      }
    }
  },

  findings: {
    A16: finding(
      'After SHUT_WR unacknowledged data is no longer waited for nor retransmitted',
      {
        'of data lost before SHUT_WR': (run) => forgetsUnacknowledged(run, 'SHUT_WR', 0),
        'of data lost before SHUT_WR and twice after it': (run) => forgetsUnacknowledged(run, 'SHUT_WR', 2),
        'of data lost before SHUT_RDWR': (run) => forgetsUnacknowledged(run, 'SHUT_RDWR', 0),
        'of data lost before SHUT_RDWR and twice after it': (run) => forgetsUnacknowledged(run, 'SHUT_RDWR', 2),
        'it is sent again until the server has it, and the server reads all of it': contrast((run) =>
          all(
            ...(['SHUT_WR', 'SHUT_RDWR'] as const).flatMap((how) =>
              ([0, 2] as const).map((more) => arrives(run, how, more)),
            ),
          ),
        ),
      },
      'The retransmission timer goes on in FIN-WAIT-1 as in ESTABLISHED (RFC 9293, section 3.6).',
    ),
  },
});

/** What was lost is read in the end. */
const arrives = (run: View, how: How, more: 0 | 2) => {
  const { again, reads } = afterLoss(run, how, more);
  return equal(
    `bytes the server reads, lost before ${how} and ${more} times after it`,
    'the last words'.length,
    bytesOf(reads),
    [...again.slice(-1), ...reads],
  );
};

/** No retransmission of the data after shutdown(), and nothing for the server to read. */
const forgetsUnacknowledged = (run: View, how: How, more: 0 | 2) => {
  const { shutdown, data, again, reads } = afterLoss(run, how, more);
  return all(
    none('retransmissions of the data after it', again, [shutdown, ...data]),
    equal('bytes the server reads', 0, bytesOf(reads), [shutdown, ...reads]),
  );
};

const afterLoss = (run: View, how: How, more: 0 | 2) => {
  const view = run.during(`${how} after data was lost, ${more} more losses`);
  const [shutdown] = view.client.calls('shutdown');
  const data = view.segments({ from: 'client' }).filter(carries('data'));
  if (!shutdown || data[0]?.fate !== 'dropped') throw new Error('the data was not lost, or the side not shut down');
  const again = data.filter(({ role, at }) => role === 'retransmission' && at > shutdown.at);
  return { shutdown, data, again, reads: view.server.reads() };
};
