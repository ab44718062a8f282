// CLOSE-WAIT sockets pile up on a server. Was the ACK never sent, as the article has it? Who sends it, and what is
// really missing?
import {
  all,
  claim,
  contrast,
  count,
  elapsed,
  equal,
  experiment,
  finding,
  holds,
  none,
  sent,
  type View,
} from '#finwait';

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
        'that the ACK was never sent': (run) =>
          neverAcknowledged(run.during('the clients close, the server forgets to'), many),
        "the kernel sends it by itself, even when the server's process is frozen": contrast((run) =>
          acknowledgedByKernel(run.during('the server process is frozen')),
        ),
        'that the code is to be looked at: it has left out to close': claim((run) => {
          const left = run.during('the clients close, the server forgets to').server;
          const made = run.during('the server closes at last').server;
          const { id, rows } = made.last({ state: 'CLOSE-WAIT' });
          return all(
            none('calls that close while they pile up', left.calls(['shutdown', 'close', 'end', 'destroy']), [
              left.last(),
            ]),
            count('calls of end() afterwards', many, made.calls('end')),
            equal('CLOSE-WAIT after them', 0, rows.length, [{ id }]),
          );
        }, 'what the article concludes from the ACK, and right for another reason'),
      },
      'The kernel acknowledges the FIN by itself and enters CLOSE-WAIT at the same time (tcp_fin() in net/ipv4/tcp_input.c; RFC 9293, section 3.6); ' +
        'the FIN of the other direction waits for the close() of the application.',
    ),
  },
});

/** As the statement has it: there are sockets in CLOSE-WAIT, and no ACK of the FIN was sent for them. */
const neverAcknowledged = (view: View, sockets: number) => {
  const { id, rows } = view.server.last({ state: 'CLOSE-WAIT' });
  const { closes, acks, byKernel } = closesOf(view);
  const slowest = Math.max(0, ...closes.map(({ fin, ack }) => (ack ? elapsed(fin, ack) : 0))).toFixed(1);
  return all(
    equal('sockets in CLOSE-WAIT', sockets, rows.length, [{ id }]),
    holds(
      'FINs acknowledged: 0',
      `FINs acknowledged: ${acks.length}, the slowest after ${slowest} ms, ${byKernel.length} of them without a call`,
      acks.length === 0,
      closes.flatMap(({ fin, ack }) => [fin, ack]),
    ),
  );
};

/** The one socket is in CLOSE-WAIT, and its FIN was acknowledged without a call of anybody's. */
const acknowledgedByKernel = (view: View) => {
  const { id, rows } = view.server.last({ state: 'CLOSE-WAIT' });
  const { closes, acks, byKernel } = closesOf(view);
  const evidence = closes.flatMap(({ fin, ack }) => [fin, ack]);
  return all(
    equal('sockets in CLOSE-WAIT', 1, rows.length, [{ id }]),
    equal('FINs acknowledged', 1, acks.length, evidence),
    equal('of them without a call', 1, byKernel.length, evidence),
  );
};

/** Each client's FIN, and the ACK that covers it. */
const closesOf = (view: View) => {
  const closes = view.connections.map(({ segments }) => {
    const fin = segments.find(sent('client', 'FIN'));
    const past = fin ? fin.seq + fin.length : Number.POSITIVE_INFINITY;
    return { fin, ack: segments.find(({ from, ack }) => from === 'server' && ack > past) };
  });
  const acks = closes.flatMap(({ ack }) => ack ?? []);
  return { closes, acks, byKernel: acks.filter(({ cause }) => cause?.kind !== 'call') };
};
