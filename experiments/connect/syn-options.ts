// What two ends agree on by TCP options: which option stands on which segment, and what becomes of one that the SYN-ACK does not grant.
import { all, equal, experiment, finding, holds, type SegmentEvent, type View } from '#finwait';

type Options = SegmentEvent['options'];

export default experiment({
  title: 'The options of the SYN segments, and of all the others',
  article: 'tcpdump-observation',

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000);
    const browser = await client.node();

    const talk = async () => {
      const socket = await browser.connect(server, 50000);
      const accepted = await app.accepted();
      await socket.write('hello');
      await wire.drop(({ length }) => length > 0, { from: 'client', times: 1 }); // two more arrive, and the gap is reported
      await socket.write({ bytes: 3000 });
      await accepted.received(3005);
      await socket.end();
      await accepted.event('close');
      await wire.quiet();
    };

    await stage('both ends have all options', talk);
    for (const option of ['timestamps', 'sack', 'window_scaling']) {
      await stage(`the server has no tcp_${option}`, async () => {
        const before = await server.sysctl(`net.ipv4.tcp_${option}`, 0);
        await talk();
        await server.sysctl(`net.ipv4.tcp_${option}`, before);
      });
    }
  },

  findings: {
    E8: finding(
      'MSS, SACK, timestamps and window scale are negotiated on the SYN segments only',
      {
        MSS: (run) => onSynsOnly(run, 'MSS', ({ mss }) => mss !== undefined),
        'window scale': (run) => onSynsOnly(run, 'window scale', ({ windowScale }) => windowScale !== undefined),
        'SACK permitted': (run) => onSynsOnly(run, 'SACK permitted', ({ sackPermitted }) => sackPermitted === true),
        'SACK itself, when a segment is lost': (run) => {
          const { segments } = run.during('both ends have all options').connection();
          const later = segments.filter(({ flags }) => !flags.includes('S'));
          const blocks = later.filter(({ options }) => options.sack !== undefined);
          return equal(
            'segments after the SYNs with SACK blocks',
            0,
            blocks.length,
            blocks.length > 0 ? blocks : later,
          );
        },
        timestamps: (run) => onSynsOnly(run, 'timestamps', ({ timestamps }) => timestamps !== undefined),
        'timestamps that the SYN-ACK does not grant are not used': (run) =>
          notGranted(
            run.during('the server has no tcp_timestamps'),
            'timestamps',
            ({ timestamps }) => timestamps !== undefined,
          ),
        'SACK that the SYN-ACK does not grant is not used': (run) =>
          notGranted(
            run.during('the server has no tcp_sack'),
            'SACK',
            ({ sackPermitted, sack }) => sackPermitted === true || sack !== undefined,
          ),
        'a window scale that the SYN-ACK does not grant is not used': (run) => {
          const view = run.during('the server has no tcp_window_scaling');
          const rows = view
            .connection()
            .rows('client')
            .filter(({ row }) => row.state === 'ESTABLISHED');
          const scales = [...new Set(rows.map(({ row }) => row.info.wscale ?? 'none'))];
          return all(
            notGranted(view, 'window scale', ({ windowScale }) => windowScale !== undefined),
            equal('scale of the client in ss', 'none', scales.join(), rows),
          );
        },
      },
      'MSS, window scale and SACK-permitted belong on SYN segments (RFC 9293, section 3.7.1; RFC 7323, section 2.2; RFC 2018, section 2). Timestamps, once agreed on, must stand on every later segment but a RST (RFC 7323, section 3.2), and SACK blocks on ACKs that report a gap (RFC 2018, section 3).',
    ),
  },
});

/** The option is on both SYN segments and on no other. */
const onSynsOnly = (run: View, name: string, has: (options: Options) => boolean) => {
  const { segments } = run.during('both ends have all options').connection();
  const syns = segments.filter(({ flags }) => flags.includes('S'));
  const others = segments.filter(({ flags }) => !flags.includes('S'));
  const [onSyns, onOthers] = [syns, others].map((list) => list.filter(({ options }) => has(options))) as [
    SegmentEvent[],
    SegmentEvent[],
  ];
  return holds(
    `${name} on both SYN segments and on no other`,
    `${name} on ${onSyns.length} of ${syns.length} SYN segments and on ${onOthers.length} of ${others.length} others`,
    syns.length === 2 && onSyns.length === 2 && onOthers.length === 0,
    segments,
  );
};

/** The SYN offers the option, the SYN-ACK leaves it out, and so does every later segment. */
const notGranted = (view: View, name: string, has: (options: Options) => boolean) => {
  const { segments } = view.connection();
  const [syn, answer, ...later] = segments;
  const using = later.filter(({ options }) => has(options));
  const shown = (segment: SegmentEvent | undefined) => (segment && has(segment.options) ? 'yes' : 'no');
  return all(
    equal(
      `${name} offered by the SYN, granted by the SYN-ACK`,
      'yes, no',
      `${shown(syn)}, ${shown(answer)}`,
      segments.slice(0, 2),
    ),
    equal(`later segments with ${name}`, 0, using.length, using.length > 0 ? using : later),
  );
};
