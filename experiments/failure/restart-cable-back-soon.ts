// The cable is pulled, the server's program is killed and starts again, and the cable is back soon: the server's kernel
// still repeats the FIN of the old connection, so that the client learns of it. `restart-during-cut` has it back late.
import { claim, connected, control, equal, experiment, neverLearns, sent, staged, states } from '#finwait';

export default experiment({
  title: 'The server starts again while the cable is pulled, and the cable is back soon',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 1, // far from what a segment takes on a busy machine

  async run({ client, server, wire, stage }) {
    const startAgain = async (port: number) => (await server.node()).listen(port);

    await stage("when the cable is back while the server's kernel still repeats its FIN", async () => {
      const { app, socket } = await connected(client, server, 50000);
      await wire.cut();
      const fin = wire.next(sent('server', 'FIN'));
      await app.kill('SIGKILL');
      await fin; // the first, lost like those after it
      await startAgain(50000);
      await wire.restore();
      await socket.event('end'); // the kernel of the server sends its FIN again by itself
      await socket.write('anybody there?');
    });

    await stage('without the cut the client learns at once', async () => {
      const { app } = await connected(client, server, 50003);
      await app.kill('SIGKILL');
      await startAgain(50003);
    });
  },

  furtherCases: { C7: ['restart-during-cut'] },
  findings: {
    C7: staged(
      'Cable pulled, server restarted, cable back: the client still looks connected while idle; once it sends, the server answers RST and the connection dies',
      {
        "when the cable is back while the server's kernel still repeats its FIN": claim((view) => {
          const [back] = view.operations('restore');
          const [write] = view.client.calls('write');
          return neverLearns(view.connection().between(back, write), 'client', back);
        }, 'the article has the program restarted and says nothing of how long the cable is out'),
        'without the cut the client learns at once': control((view) => {
          const { closing, closingStates } = view.connection();
          const fin = closing.find(sent('server', 'FIN'));
          return [
            equal('the FIN of the server', 'delivered', fin?.fate, [fin]),
            states('the client', ['CLOSE-WAIT'], closingStates('client')),
          ];
        }, 'it shows that killing the server sends a FIN, and that a client which has heard of it is seen to'),
      },
      'The kernel keeps the orphan of a killed program and sends its FIN again after 0.2, 0.4, 0.8 … s, tcp_orphan_retries times, 8 by default ' +
        '(tcp_orphan_retries() in net/ipv4/tcp_timer.c): a cable that is back in time brings it. Only then does the article describe what is left.',
    ),
  },
});
