// TIME-WAIT sockets pile up on the side that closes first. Whom does that hurt? A server still takes new connections from
// the ports they hold; a client that closes first runs out of ports. `time-wait-remedies` asks what helps.
import { contrast, count, experiment, failsWith, finding, limit, none, returns, sockets, type View } from '#finwait';

const port = 50000;
const many = 10;
const few = 6; // even: of an odd number of ports the kernel does not always find the last (__inet_hash_connect())
const ports = Array.from({ length: many }, (_, index) => 41001 + index);

export default experiment({
  title: 'TIME-WAIT sockets pile up',
  article: 'establish-and-release',
  freeRun: true,

  async run({ client, server, stage }) {
    const app = await server.node();
    await (await app.listen(port)).react({ on: 'connection', do: 'end' }); // closes first
    await app.listen(port + 1); // lets the client close first
    const browser = await client.node();
    /** One connection from each port, one after the other. The server ends each at once. */
    const comeAndGo = async (from: number[]) => {
      for (const localPort of from) await (await browser.connect(server, port, { localPort })).event('close');
    };

    await stage('the server closes first', () => comeAndGo(ports));
    await stage('the same ports again', () => comeAndGo(ports));
    await stage('the same ports again, without timestamps', async () => {
      await client.sysctl('net.ipv4.tcp_timestamps', 0);
      await comeAndGo(ports);
      await client.sysctl('net.ipv4.tcp_timestamps', 1);
    });
    await stage('the client closes first', async () => {
      await client.sysctl('net.ipv4.ip_local_port_range', `40001 ${40000 + few}`);
      for (let made = 0; made < few; made++) await (await browser.connect(server, port + 1)).end();
      await (await browser.connect(server, port + 1)).event('close'); // one connection too many
    });
    await stage('the server starts again', async () => {
      await app.kill('SIGKILL');
      const again = await server.raw({ name: 'restarted' });
      const listener = (await again.socket()).value;
      await again.bind(listener, port);
      await again.setsockopt(listener, 'SOL_SOCKET', 'SO_REUSEADDR', 1);
      await again.bind(listener, port);
    });
  },

  findings: {
    D9: finding(
      'A server that closes first collects TIME-WAIT sockets, one per connection, and that hurts it',
      {
        'that it collects them, one per connection': (run) => {
          const view = run.during('the server closes first');
          return [
            count('connections', many, view.segments({ flags: 'S' })),
            sockets(view.server, { state: 'TIME-WAIT' }, many),
            sockets(view.client, { state: 'TIME-WAIT' }, 0),
          ];
        },
        'that they keep out new connections from the same ports': (run) => refused(run.during('the same ports again')),
        'without timestamps': limit(
          (run) => refused(run.during('the same ports again, without timestamps')),
          'they are on unless somebody switches them off',
        ),
        'a client that closes first collects them and runs out of ports': contrast((run) => {
          const view = run.during('the client closes first');
          return [
            sockets(view.client, { state: 'TIME-WAIT' }, few),
            failsWith('EADDRNOTAVAIL', view.client.emits('error')),
          ];
        }),
        'that they keep its program from starting again without SO_REUSEADDR': limit((run) => {
          const [plain, reusing] = run.during('the server starts again').server.calls('bind', { process: 'restarted' });
          return [returns('bind()', 'EADDRINUSE', plain), returns('bind() with SO_REUSEADDR', 'success', reusing)];
        }, 'the article speaks of a server that runs and has much to do'),
      },
      'A listener needs no port per connection, and tcp_timewait_state_process() lets a SYN with a higher timestamp or sequence number end TIME-WAIT ' +
        '(RFC 6191; RFC 9293, section 3.6.1). Only who chooses a new port for each connection, a client or a proxy, runs out of them.',
    ),
  },
});

/** What "hurts" would mean for a server: that it cannot take new connections from ports it holds in TIME-WAIT. */
const refused = (view: View) => {
  const syns = view.segments({ flags: 'S' });
  const held = view.between(undefined, syns[0]).server.rows({ state: 'TIME-WAIT' });
  if (held.length === 0) throw new Error('no port was held in TIME-WAIT');
  return none('connections from ports held in TIME-WAIT', view.client.emits('connect'), [...held.slice(0, 1), ...syns]);
};
