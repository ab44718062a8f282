// CLOSE-WAIT sockets pile up on a server. Was the ACK never sent, as the article has it? The kernel sends it by itself,
// even for a frozen process. What is missing is the server's own close.
import { claim, contrast, count, equal, experiment, finding, none, sockets, type View } from '#finwait';

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
        'that the ACK was never sent': (run) => {
          const view = run.during('the clients close, the server forgets to');
          return [sockets(view.server, { state: 'CLOSE-WAIT' }, many), count('FINs acknowledged', 0, acksOf(view))];
        },
        "the kernel sends it by itself, even when the server's process is frozen": contrast((run) => {
          const view = run.during('the server process is frozen');
          const [ack] = acksOf(view);
          return [
            sockets(view.server, { state: 'CLOSE-WAIT', localPort: 50001 }, 1),
            equal('the ACK of the FIN', '. 1:1(0) ack 2', ack?.text, [ack]),
            none(
              'calls behind it',
              [ack].filter((one) => one?.cause?.kind === 'call'),
              [ack],
            ),
          ];
        }),
        'that the code is to be looked at: it has left out to close': claim((run) => {
          const left = run.during('the clients close, the server forgets to').server;
          const made = run.during('the server closes at last').server;
          return [
            none('calls that close while they pile up', left.calls(['shutdown', 'close', 'end', 'destroy']), [
              left.last(),
            ]),
            count('calls of end() afterwards', many, made.calls('end')),
            sockets(made, { state: 'CLOSE-WAIT' }, 0),
          ];
        }, 'what the article concludes from the ACK, and right for another reason'),
      },
      'The kernel acknowledges the FIN by itself and enters CLOSE-WAIT at the same time (tcp_fin() in net/ipv4/tcp_input.c; RFC 9293, section 3.6); ' +
        'the FIN of the other direction waits for the close() of the application.',
    ),
  },
});

/** Of each client's FIN the first ACK that covers it. */
const acksOf = ({ connections }: View) =>
  connections.flatMap(({ closing: [fin, ...answers] }) => {
    const covers = (one: { from: string; ack: number }) => one.from === 'server' && one.ack > (fin?.seq ?? Number.NaN);
    return answers.find(covers) ?? [];
  });
