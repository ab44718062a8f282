// The cable is pulled while the connection is idle and nobody has asked for keepalive. What could ever end it? Nothing is
// scheduled: no timer is armed at either end, and no segment is sent. When the cable is back, so is the connection.
import { connected, control, experiment, finding, hasRead, none, stays, type View } from '#finwait';

export default experiment({
  title: 'The cable is pulled while the connection is idle, no keepalive',
  article: 'disconnect-experiments',

  async run({ client, server, wire, stage, observe, pace }) {
    const used = await connected(client, server, 50000);
    await used.socket.write('hello');
    await used.accepted.write('hello');
    await connected(client, server, 50001); // never used
    const watched = await connected(client, server, 50002);
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
        'for a connection that has carried data': (run) => nothingScheduled(run, 50000),
        'for a connection that has carried none': (run) => nothingScheduled(run, 50001),
        'with keepalive on ss shows what is scheduled': control(
          (run) => stays(run.connectionTo(50002).during('cut'), 'client', 'ESTABLISHED', { timer: 'keepalive' }),
          'that ss shows no timer means something only where it shows one that is there',
        ),
        'once the cable is back: it was there all the time': (run) => [
          hasRead('the server', 'still there?', run.during('the cable is back').server.reads()),
          none('SYNs', run.during('the cable is back').segments({ flags: 'S' }), run.operations('restore')),
        ],
      },
      'The reason that it is for ever is that no timer is armed: an idle TCP without keepalive sends nothing (RFC 9293, section 3.8.4), so it cannot miss an answer.',
    ),
  },
});

const nothingScheduled = (run: View, port: number) => {
  const connection = run.connectionTo(port).during('cut');
  return [
    stays(connection, 'client', 'ESTABLISHED', { timer: 'none' }),
    stays(connection, 'server', 'ESTABLISHED', { timer: 'none' }),
    none('segments', connection.segments, run.operations('cut')),
  ];
};
