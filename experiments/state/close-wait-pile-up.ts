// CLOSE-WAIT sockets pile up on a server. Was the ACK never sent, as the article has it? Who sends it, and what is really missing?
import { all, equal, experiment, finding, holds, none, type View } from '#finwait';

const many = 20;

export default experiment({
  title: 'CLOSE-WAIT sockets pile up',
  article: 'establish-and-release',
  freeRun: true,

  async run({ client, server, stage, observe }) {
    const browser = await client.node();
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true }); // hears of the end, and does nothing

    await stage('the clients close, the server forgets to', async () => {
      for (let count = 0; count < many; count++) await (await browser.connect(server, 50000)).end();
      await observe(1000); // nothing takes them away
    });
    await stage('the server closes at last', async () => {
      for (let count = 0; count < many; count++) await (await app.accepted()).end();
    });

    await stage('the server process is frozen', async () => {
      const frozen = await server.node({ name: 'frozen' });
      await frozen.listen(50001);
      const socket = await browser.connect(server, 50001);
      await frozen.accepted();
      await frozen.freeze(); // SIGSTOP: whatever is sent now, the kernel sends
      await socket.end();
      await observe(1000);
    });
  },

  findings: {
    D8: finding(
      'Many CLOSE-WAIT sockets mean that the ACK was never sent; look at the code',
      {
        'the ACK of the FIN, for every socket in CLOSE-WAIT': (run) =>
          neverAcknowledged(run.during('the clients close, the server forgets to'), many),
        'the ACK of the FIN, from a server whose process is frozen': (run) =>
          neverAcknowledged(run.during('the server process is frozen'), 1),
        'what the code of the server has left out': (run) => {
          const left = run.during('the clients close, the server forgets to');
          const made = run.during('the server closes at last');
          const before = left.server.calls(['shutdown', 'close', 'end', 'destroy']);
          const ends = made.server.calls('end');
          const after = made.server.last();
          return all(
            none('calls that close on the server while the sockets pile up', before, [left.server.last()]),
            equal('calls of end() afterwards', many, ends.length, ends),
            equal('CLOSE-WAIT after them', 0, after.rows.filter(({ state }) => state === 'CLOSE-WAIT').length, [after]),
          );
        },
      },
      'The kernel acknowledges the FIN by itself and enters CLOSE-WAIT at the same time (tcp_fin() in net/ipv4/tcp_input.c; RFC 9293, section 3.6); ' +
        'the FIN of the other direction waits for the close() of the application.',
    ),
  },
});

/** As the statement has it: there are sockets in CLOSE-WAIT, and no ACK of the FIN was sent for them. */
const neverAcknowledged = (view: View, count: number) => {
  const { id, rows } = view.server.last();
  const waiting = rows.filter(({ state }) => state === 'CLOSE-WAIT');
  const fins = view.segments({ from: 'client' }).filter(({ flags }) => flags.includes('F'));
  const acks = fins.flatMap(
    (fin) =>
      view
        .segments({ from: 'server' })
        .find(({ connection, ack }) => connection === fin.connection && ack > fin.seq + fin.length) ?? [],
  );
  const byKernel = acks.filter(({ cause }) => cause?.kind !== 'call').length;
  const slowest = Math.max(
    0,
    ...acks.map(
      (ack) => (ack.at - (fins.find(({ connection }) => connection === ack.connection)?.receivedAt ?? ack.at)) / 1e6,
    ),
  );
  return all(
    equal('sockets in CLOSE-WAIT', count, waiting.length, [{ id }]),
    holds(
      'FINs acknowledged: 0',
      `FINs acknowledged: ${acks.length}, the slowest after ${slowest.toFixed(1)} ms, ${byKernel} of them without a call`,
      acks.length === 0,
      [...fins, ...acks],
    ),
  );
};
