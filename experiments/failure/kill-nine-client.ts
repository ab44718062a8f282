// kill -9 of a client: the code that would close the connection never runs, yet it closes in four segments or three. The
// kernel sends the FIN.
import { carries, causedBy, connected, equal, experiment, finding, none } from '#finwait';

export default experiment({
  title: 'A client is killed with SIGKILL',
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const { browser, accepted } = await connected(client, server, 50000);
    await accepted.react({ on: 'end', do: 'end' });
    await browser.kill('SIGKILL');
    await accepted.event('close');
  },

  furtherCases: { C3: ['kill-nine-go'] },
  findings: {
    C3: finding(
      'kill -9 of the client: its close code never runs, yet the connection closes: the kernel sends the FIN',
      {
        'when the client is killed': (run) => {
          const { closing } = run.connection();
          const [exit] = run.client.processes('exit');
          const closes = run.client.calls(['close', 'end', 'destroy', 'shutdown'], { process: exit?.process });
          const fins = closing.filter(carries('FIN'));
          const last = closing.at(-1);
          return [
            equal('the process ended by', 'SIGKILL', exit?.signal, [exit]),
            none('calls that close', closes, [exit]),
            causedBy(closing[0], 'process-end'),
            equal('FIN from', 'client, server', fins.map(({ from }) => from).join(', '), fins),
            equal('the last FIN is acknowledged', 'client ack 2', last && `${last.from} ack ${last.ack}`, [last]),
          ];
        },
      },
    ),
  },
});
