// TIME-WAIT sockets pile up on the side that closes first. Whom does that hurt, and is a shorter TIME-WAIT the remedy?
import { all, equal, experiment, finding, type Host, holds, type NodeProcess, type View } from '#finwait';

const port = 50000;
const many = 10;
const few = 6; // even: of an odd number of ports the kernel does not always find the last (__inet_hash_connect())
const ports = Array.from({ length: many }, (_, index) => 41001 + index);

export default experiment({
  title: 'TIME-WAIT sockets pile up',
  article: 'establish-and-release',
  freeRun: true,

  async run({ client, server, stage, observe }) {
    const app = await server.node();
    await (await app.listen(port)).react({ on: 'connection', do: 'end' }); // closes first
    await app.listen(port + 1); // lets the client close first
    const browser = await client.node();

    await stage('the server closes first', () => comeAndGo(browser, server, ports));
    await stage('the same ports again', () => comeAndGo(browser, server, ports));
    await stage('the same ports again, without timestamps', async () => {
      await client.sysctl('net.ipv4.tcp_timestamps', 0);
      await comeAndGo(browser, server, ports);
      await client.sysctl('net.ipv4.tcp_timestamps', 1);
    });
    await stage('tcp_fin_timeout 5', async () => {
      await server.sysctl('net.ipv4.tcp_fin_timeout', 5);
      await comeAndGo(browser, server, [42000]);
    });
    await stage('tcp_max_tw_buckets reached', async () => {
      await server.sysctl('net.ipv4.tcp_max_tw_buckets', many + 1); // as many as there are now
      await comeAndGo(
        browser,
        server,
        ports.slice(0, few).map((one) => one + 2000),
      );
    });

    await stage('the client closes first', async () => {
      await client.sysctl('net.ipv4.ip_local_port_range', `40001 ${40000 + few}`);
      for (let count = 0; count < few; count++) await (await browser.connect(server, port + 1)).end();
      await (await browser.connect(server, port + 1)).event('close'); // one connection too many
    });
    await stage('tcp_tw_reuse 1', async () => {
      await client.sysctl('net.ipv4.tcp_tw_reuse', 1);
      await observe(1200); // a port is taken again once it was in TIME-WAIT for a second (tcp_tw_reuse_delay)
      await browser.connect(server, port + 1);
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
        'one TIME-WAIT socket per connection, all on the server': (run) => {
          const view = run.during('the server closes first');
          return all(
            equal('connections', many, view.connections.length, view.segments({ flags: 'S' })),
            equal('TIME-WAIT on the server', many, timeWait(view, 'server').rows.length, [timeWait(view, 'server')]),
            equal('TIME-WAIT on the client', 0, timeWait(view, 'client').rows.length, [timeWait(view, 'client')]),
          );
        },
        'new connections from ports whose TIME-WAIT socket the server holds': (run) =>
          refused(run, 'the same ports again'),
        'the same without timestamps': (run) => refused(run, 'the same ports again, without timestamps'),
        'the roles exchanged: the client collects them and runs out of ports': (run) => {
          const view = run.during('the client closes first');
          const pile = timeWait(view, 'client');
          const errors = view.client.emits('error');
          return all(
            equal('TIME-WAIT on the client', few, pile.rows.length, [pile]),
            equal('the next connect', 'EADDRNOTAVAIL', errors.map(({ code }) => code).join(), errors),
          );
        },
        'a server program that starts again without SO_REUSEADDR': (run) => {
          const [plain, reusing] = run.during('the server starts again').server.calls('bind');
          return all(
            equal('bind()', 'EADDRINUSE', plain?.returned?.errno, [plain]),
            equal('bind() with SO_REUSEADDR', 'success', reusing?.returned?.errno ?? 'success', [reusing]),
          );
        },
      },
      'A listener needs no port per connection, and tcp_timewait_state_process() lets a SYN with a higher timestamp or sequence number end TIME-WAIT ' +
        '(RFC 6191; RFC 9293, section 3.6.1). Only who chooses a new port for each connection, a client or a proxy, runs out of them.',
    ),
    D10: finding(
      'The remedy against TIME-WAIT sockets is to shorten TIME-WAIT',
      {
        'tcp_fin_timeout 5': (run) => {
          const { id, rows } = timeWait(run.during('tcp_fin_timeout 5'), 'server');
          const row = rows.find(({ peer }) => peer.port === 42000);
          return holds(
            'TIME-WAIT: 5 s at most',
            `TIME-WAIT: ${seconds(row?.timer?.expiresMs)} still to go`,
            (row?.timer?.expiresMs ?? Number.NaN) <= 5000,
            [{ id }],
          );
        },
        'tcp_max_tw_buckets: connections closed beyond it': (run) => {
          const view = run.during('tcp_max_tw_buckets reached');
          const { id, rows } = timeWait(view, 'server');
          const waiting = rows.filter(({ peer }) => view.connections.some(({ client }) => client.port === peer.port));
          const closed = view.server.states({ localPort: port, to: 'CLOSED' });
          return holds(
            `TIME-WAIT is cut short for ${few} connections`,
            `${view.connections.length - waiting.length} of ${view.connections.length} connections have no TIME-WAIT; ${rows.length} others keep theirs`,
            view.connections.length === few && waiting.length === 0,
            [{ id }, ...closed],
          );
        },
        'tcp_tw_reuse 1: a port is free again only after its TIME-WAIT': (run) => {
          const view = run.during('tcp_tw_reuse 1');
          const syn = view.segments({ from: 'client', flags: 'S' }).at(0);
          const before = view.client
            .rows(({ state, local }) => state === 'TIME-WAIT' && local.port === syn?.source.port)
            .findLast(({ at }) => at < (syn?.at ?? 0));
          const left = before?.row.timer?.expiresMs;
          const connected = view.client.emits('connect').length;
          return holds(
            'no connection before a TIME-WAIT has ended',
            `${connected} connection from port ${syn?.source.port ?? 'none'}, whose TIME-WAIT had ${seconds(left)} to go`,
            connected === 0 || left === undefined,
            [before, syn, ...view.client.emits('connect')],
          );
        },
      },
      'TIME-WAIT is TCP_TIMEWAIT_LEN, 60 seconds, compiled in; tcp_fin_timeout is for FIN-WAIT-2. tcp_max_tw_buckets does away with TIME-WAIT beyond a ' +
        'number of sockets; tcp_tw_reuse lets a connect take a port in TIME-WAIT after tcp_tw_reuse_delay (one second), guarded by timestamps (tcp_twsk_unique()).',
    ),
  },
});

/** One connection from each port, one after the other. The server ends each at once. */
const comeAndGo = async (browser: NodeProcess, server: Host, from: number[]) => {
  for (const localPort of from) await (await browser.connect(server, port, { localPort })).event('close');
};

/** TIME-WAIT rows in the last sample of a part of the run. */
const timeWait = (view: View, host: 'client' | 'server') => {
  const { id, rows } = view.host(host).last();
  return { id, rows: rows.filter(({ state }) => state === 'TIME-WAIT') };
};

/** What "hurts" would mean for a server: that it cannot take new connections from ports it holds in TIME-WAIT. */
const refused = (run: View, stage: string) => {
  const view = run.during(stage);
  const held = view
    .between(undefined, view.segments({ flags: 'S' }).at(0))
    .server.rows(({ state, peer }) => state === 'TIME-WAIT' && ports.includes(peer.port));
  const connected = view.client.emits('connect');
  return holds(
    'the server takes none of the new connections',
    `the server takes ${connected.length} of ${ports.length}, all from ports it held in TIME-WAIT`,
    held.length > 0 && connected.length === 0,
    [...held.slice(0, 1), ...connected],
  );
};

const seconds = (milliseconds: number | undefined) =>
  milliseconds === undefined ? 'no time' : `${Math.round(milliseconds / 1000)} s`;
