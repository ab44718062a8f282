// kill -9: the process runs none of its own code any more. What closes the connection, and how, is the kernel's doing.
import { all, carries, equal, experiment, finding, type HostName, limit, none, sent, type View } from '#finwait';

export default experiment({
  title: 'A process is killed with SIGKILL',
  article: ['connection-states', 'disconnect-experiments'],
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    await stage('the server is killed, everything read', async () => {
      const app = await server.node({ name: 'quiet-server' });
      await app.listen(50000);
      const browser = await client.node({ name: 'first-client' });
      await browser.connect(server, 50000);
      await app.accepted();
      await app.kill('SIGKILL');
    });

    await stage('the server is killed, data unread', async () => {
      const app = await server.node({ name: 'busy-server' });
      await app.listen(50001, { pauseOnConnect: true });
      const browser = await client.node({ name: 'second-client' });
      const socket = await browser.connect(server, 50001);
      await app.accepted();
      await socket.write('nobody reads this');
      await app.kill('SIGKILL');
    });

    await stage('the client is killed', async () => {
      const app = await server.node({ name: 'patient-server' });
      await app.listen(50002);
      const browser = await client.node({ name: 'third-client' });
      await browser.connect(server, 50002);
      await app.accepted();
      await browser.kill('SIGKILL');
    });
  },

  findings: {
    A9: finding(
      'A killed server looks like a normal close on the wire',
      {
        'when nothing was unread in its receive queue': (run) =>
          closedByKernel(run.during('the server is killed, everything read'), 'server'),
        'when data was unread in its receive queue': limit(
          (run) => closedByKernel(run.during('the server is killed, data unread'), 'server'),
          "the article's capture shows a close in four segments: its server had read everything",
        ),
      },
      'A close with unread data must say that data was lost: RST (RFC 9293, section 3.6.1; tcp_close() in net/ipv4/tcp.c).',
    ),
    C3: finding(
      'kill -9 of the client: its close code never runs, yet the connection closes: the kernel sends the FIN',
      {
        'when the client is killed': (run) => {
          const view = run.during('the client is killed');
          const { segments } = view.connection();
          const fins = segments.filter(carries('FIN'));
          const last = segments.at(-1);
          return all(
            closedByKernel(view, 'client'),
            equal('FIN from', 'client, server', fins.map(({ from }) => from).join(', '), fins),
            equal('the last FIN is acknowledged', 'client ack 2', last && `${last.from} ack ${last.ack}`, [last]),
          );
        },
      },
    ),
  },
});

/** The first closing segment of the killed host is a FIN that no call made: the end of the process did. */
const closedByKernel = (view: View, host: HostName) => {
  const [kill] = view.host(host).calls('kill');
  const [exit] = view.host(host).processes('exit');
  const first = view.connection().closing.find(sent(host));
  const later = view.between(kill).host(host).calls(undefined, { process: exit?.process });
  return all(
    equal('the process ended by', 'SIGKILL', exit?.signal, [kill, exit]),
    none(
      'calls of the process after the kill',
      later.filter(({ api }) => api !== 'kill'),
      [kill, exit],
    ),
    equal('first closing segment', 'F.', first?.flags, [exit, first]),
    equal('its cause', 'process-end', first?.cause?.kind, [exit, first]),
  );
};
