// The cable is pulled while the connection is idle and nobody has asked for keepalive. What could ever end it? Nothing is scheduled.
import { all, equal, experiment, finding, type HostName, holds, none, type View } from '#finwait';

const ports = { used: 50000, unused: 50001, watched: 50002 };

export default experiment({
  title: 'The cable is pulled while the connection is idle, no keepalive',
  article: 'disconnect-experiments',

  async run({ client, server, wire, stage, observe, pace }) {
    const app = await server.node();
    const browser = await client.node();
    const open = async (port: number) => {
      await app.listen(port);
      return { socket: await browser.connect(server, port), accepted: await app.accepted() };
    };
    const used = await open(ports.used);
    await used.socket.write('hello');
    await used.accepted.write('hello');
    await open(ports.unused);
    const watched = await open(ports.watched);
    await watched.socket.setKeepAlive(true, 3_600_000); // for comparison: here something is scheduled

    await stage('cut', async () => {
      await wire.cut();
      await observe(pace === 'article' ? 60_000 : 2000, { everyMs: 250 });
    });
    await stage('the cable is back', async () => {
      await wire.restore();
      await used.socket.write('still there?');
      await used.accepted.received('hellostill there?'.length);
    });
  },

  findings: {
    C6: finding(
      'Cable pulled while idle, keepalive off: the connection stays for ever',
      {
        'a connection that has carried data': (run) =>
          all(nothingScheduled(run, 'client', ports.used), nothingScheduled(run, 'server', ports.used)),
        'a connection that has carried none': (run) =>
          all(nothingScheduled(run, 'client', ports.unused), nothingScheduled(run, 'server', ports.unused)),
        'for comparison, keepalive on: ss shows what is scheduled': (run) => {
          const { rows } = run.during('cut').client.last();
          const row = rows.find(({ peer }) => peer.port === ports.watched);
          return equal('timer', 'keepalive', row?.timer?.name ?? 'none', [run.during('cut').client.last()]);
        },
        'the cable is back: the connection was there all the time': (run) => {
          const view = run.during('the cable is back');
          const read = view.server.emits('data');
          const sent = view.segments({ from: 'client' }).filter(({ length }) => length > 0);
          return all(
            equal('the server read', 'still there?', read.map(({ text }) => text).join(''), read),
            none('segments with SYN', view.segments({ flags: 'S' }), sent),
          );
        },
      },
      'The reason that it is for ever is that no timer is armed: an idle TCP without keepalive sends nothing (RFC 9293, section 3.8.4), so it cannot miss an answer.',
    ),
  },
});

/** ESTABLISHED in every sample of the cut, no timer in any, and no segment of the connection. */
const nothingScheduled = (run: View, host: HostName, port: number) => {
  const view = run.during('cut');
  const connection = run.connectionTo(port);
  const rows = connection.rows(host, view);
  const samples = view.host(host).samples;
  const idle = rows.filter(({ row }) => row.state === 'ESTABLISHED' && row.timer === undefined);
  const seconds = ((samples.at(-1)?.end ?? 0) - (samples[0]?.end ?? 0)) / 1e9;
  const odd = rows.find((one) => !idle.includes(one));
  return all(
    holds(
      `the ${host} is ESTABLISHED without a timer in all ${samples.length} samples of ${seconds.toFixed(1)} s`,
      `in ${idle.length}${odd ? `; else ${odd.row.state}, timer ${odd.row.timer?.name ?? 'none'}` : ''}`,
      samples.length > 0 && idle.length === samples.length,
      odd ? [odd] : [rows[0], rows.at(-1)],
    ),
    none(
      `segments of the connection from the ${host}`,
      view.segments({ from: host }).filter((one) => one.connection === connection.number),
      samples.slice(-1),
    ),
  );
};
