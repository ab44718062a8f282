// What Go's own functions ask the kernel for, by the calls they make: SetKeepAlivePeriod(d), net.DialTCP as the article
// connects, and net.Dial, which asks for keepalive though the program does not.
import { equal, experiment, finding, goProgram, limit, stays, type View } from '#finwait';

const [dialTcp, dial, asked] = [50000, 50001, 50002];

export default experiment({
  title: 'Which options of keepalive Go sets',
  article: 'disconnect-experiments',
  needs: ['go'],
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    const dialer = await goProgram(client, `${import.meta.dirname}/programs/dialer.go`);
    const app = await server.node();
    const connect = async (port: number, options: string[]) => {
      await app.listen(port, { allowHalfOpen: true });
      const program = await client.spawn(dialer, [...options, `${server.address}:${port}`]);
      await program.output(/connected/);
    };
    await connect(dialTcp, []);
    await connect(dial, ['-by', 'net.Dial']);
    await connect(asked, ['-keepalive', '5s']);
  },

  furtherCases: { C8: ['keepalive-options'] },
  findings: {
    C8: finding(
      "Keepalive is off unless asked for, and the language's helper (Go's) sets interval and idle time together but not the count",
      {
        'of a connection that Go made by net.DialTCP': (run) => isOff(run, dialTcp),
        'of one that it made by net.Dial, where the program has not asked either': limit(
          (run) => isOff(run, dial),
          'the article connects by net.DialTCP',
        ),
        "of the calls of Go's SetKeepAlive(true) and SetKeepAlivePeriod(d)": (run) =>
          sets(run, asked, ['SO_KEEPALIVE 1', 'TCP_KEEPINTVL 5', 'TCP_KEEPIDLE 5']),
      },
      'net.Dial turns keepalive on by itself, since Go 1.13 (Dialer.KeepAlive); later net.DialTCP does so too, and since 1.23 SetKeepAlivePeriod(d) sets the idle time alone.',
    ),
  },
});

const sets = (run: View, port: number, options: string[]) => {
  const connection = run.connectionTo(port);
  const calls = connection.calls('client', 'setsockopt').filter(({ args }) => /KEEP/.test(String(args[2])));
  const words = calls.map(({ args }) => args.slice(2).join(' '));
  return equal('it sets', options, words, [...calls, connection.handshake.at(-1)]);
};

const isOff = (run: View, port: number) => {
  const connection = run.connectionTo(port);
  const open = connection.between(connection.handshake.at(-1));
  return [sets(run, port, []), stays(open, 'client', 'ESTABLISHED', { timer: 'none' })];
};
