// kill -9 of the article's own kind of client, a Go program whose deferred Close() would close the connection: it never
// runs, yet the connection closes in four segments or three. The kernel sends the FIN.
import { carries, causedBy, control, count, equal, experiment, goProgram, none, staged, type View } from '#finwait';

const killed = 'when a Go client is killed whose deferred Close() has not run';
const alone = 'left alone, its deferred Close() runs and its close() sends the FIN';

export default experiment({
  title: 'A Go client is killed with SIGKILL',
  article: 'disconnect-experiments',
  needs: ['go'],
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const dialer = await goProgram(client, `${import.meta.dirname}/programs/dialer.go`);
    const app = await server.node();
    await app.listen(50000, { allowHalfOpen: true });
    const connect = async (name: string) => {
      const program = await client.spawn(dialer, [`${server.address}:50000`], { name });
      await program.output(/connected/);
      const accepted = await app.accepted();
      await accepted.react({ on: 'end', do: 'end' });
      return { program, accepted };
    };
    await stage(killed, async () => {
      const { program, accepted } = await connect('killed');
      await program.kill('SIGKILL');
      await accepted.event('close');
    });
    await stage(alone, async () => {
      const { program, accepted } = await connect('alone');
      await program.endInput();
      await program.exited();
      await accepted.event('close');
    });
  },

  furtherCases: { C3: ['kill-nine-client'] },
  findings: {
    C3: staged(
      'kill -9 of the client: its close code never runs, yet the connection closes: the kernel sends the FIN',
      {
        [killed]: (view) => {
          const { closing } = view.connection();
          const [exit] = view.client.processes('exit');
          const fins = closing.filter(carries('FIN'));
          const last = closing.at(-1);
          return [
            equal('the process ended by', 'SIGKILL', exit?.signal, [exit]),
            none('calls that close', closes(view), [exit]),
            none('words of its close code', closeCode(view, 'killed'), [exit]),
            causedBy(closing[0], 'process-end'),
            equal('FIN from', 'client, server', fins.map(({ from }) => from).join(', '), fins),
            equal('the last FIN is acknowledged', 'client ack 2', last && `${last.from} ack ${last.ack}`, [last]),
          ];
        },
        [alone]: control((view) => [
          count('words of its close code', 1, closeCode(view, 'alone')),
          causedBy(view.connection().closing[0], closes(view)[0]),
        ]),
      },
    ),
  },
});

const closes = (view: View) => view.connection().calls('client', ['close', 'shutdown']);
const closeCode = (view: View, process: string) =>
  view.client.output(process).filter(({ text }) => text.includes('closed by its own code'));
