// The cable is pulled while the connection is idle and nobody has asked for keepalive. What could ever end it? Nothing
// is scheduled.
import { all, carries, control, equal, experiment, finding, holds, none, sent, textOf, type View } from '#finwait';

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
        'for a connection that has carried data': (run) => nothingScheduled(run, ports.used),
        'for a connection that has carried none': (run) => nothingScheduled(run, ports.unused),
        'with keepalive on ss shows what is scheduled': control((run) => {
          const { row, ...sample } = run.connectionTo(ports.watched).during('cut').row('client');
          return equal('timer', 'keepalive', row.timer?.name ?? 'none', [sample]);
        }, 'that ss shows no timer means something only where it shows one that is there'),
        'once the cable is back: it was there all the time': (run) => {
          const view = run.during('the cable is back');
          const read = view.server.reads();
          return all(
            equal('the server read', 'still there?', textOf(read), read),
            none('segments with SYN', view.segments().filter(carries('SYN')), view.segments().filter(carries('data'))),
          );
        },
      },
      'The reason that it is for ever is that no timer is armed: an idle TCP without keepalive sends nothing (RFC 9293, section 3.8.4), so it cannot miss an answer.',
    ),
  },
});

/** At both ends: ESTABLISHED in every sample of the cut, no timer in any, and no segment of the connection. */
const nothingScheduled = (run: View, port: number) => {
  const connection = run.connectionTo(port).during('cut');
  const checks = (['client', 'server'] as const).flatMap((host) => {
    const { samples } = run.during('cut').host(host);
    const rows = connection.rows(host);
    const odd = rows.find(({ row }) => row.state !== 'ESTABLISHED' || row.timer !== undefined);
    return [
      holds(
        `the ${host} is ESTABLISHED without a timer in all ${samples.length} samples`,
        odd ? `${odd.row.state}, timer ${odd.row.timer?.name ?? 'none'}` : `in ${rows.length} of them`,
        samples.length > 0 && rows.length === samples.length && !odd,
        odd ? [odd] : [rows[0], rows.at(-1)],
      ),
      none(`segments of the ${host}`, connection.segments.filter(sent(host)), samples.slice(-1)),
    ];
  });
  return all(...checks);
};
