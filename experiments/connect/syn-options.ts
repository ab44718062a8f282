// What two ends agree on by TCP options: which option stands on which segment, and what becomes of one that the SYN-ACK
// does not grant.
import { all, carries, equal, experiment, finding, limit, none, type SegmentEvent, type View } from '#finwait';

/** How to tell that a segment has an option. */
const options = {
  MSS: ({ options: { mss } }: SegmentEvent) => mss !== undefined,
  'window scale': ({ options: { windowScale } }: SegmentEvent) => windowScale !== undefined,
  'SACK permitted': ({ options: { sackPermitted } }: SegmentEvent) => sackPermitted === true,
  SACK: ({ options: { sackPermitted, sack } }: SegmentEvent) => sackPermitted === true || sack !== undefined,
  timestamps: ({ options: { timestamps } }: SegmentEvent) => timestamps !== undefined,
};
type Option = keyof typeof options;

export default experiment({
  title: 'The options of the SYN segments, and of all the others',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 1,

  async run({ client, server, wire, stage }) {
    const app = await server.node();
    await app.listen(50000);
    const browser = await client.node();

    const talk = async () => {
      const socket = await browser.connect(server, 50000);
      const accepted = await app.accepted();
      await socket.write('hello');
      await wire.drop(carries('data'), { from: 'client', times: 1 }); // two more arrive, and the gap is reported
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
        'of MSS': (run) => onSynsOnly(run, 'MSS'),
        'of window scale': (run) => onSynsOnly(run, 'window scale'),
        'of SACK-permitted': (run) => onSynsOnly(run, 'SACK permitted'),
        'of the SACK blocks that report a loss': limit((run) => {
          const { segments } = run.during('both ends have all options').connection();
          const later = segments.filter((segment) => !carries('SYN')(segment));
          return none('segments after the SYNs with SACK blocks', later.filter(options.SACK), later);
        }, 'it is the use of what was negotiated'),
        'of the timestamps themselves': limit(
          (run) => onSynsOnly(run, 'timestamps'),
          "once negotiated they are used; they stand on every segment of the article's own capture",
        ),
        'of timestamps: those that the SYN-ACK does not grant are not used': (run) =>
          notGranted(run.during('the server has no tcp_timestamps'), 'timestamps'),
        'of SACK: where the SYN-ACK does not grant it, it is not used': (run) =>
          notGranted(run.during('the server has no tcp_sack'), 'SACK'),
        'of a window scale that the SYN-ACK does not grant: it is not used': (run) => {
          const view = run.during('the server has no tcp_window_scaling');
          const rows = view.connection().rows('client');
          const established = rows.filter(({ row }) => row.state === 'ESTABLISHED');
          const scales = [...new Set(established.map(({ row }) => row.info.wscale ?? 'none'))];
          return all(
            notGranted(view, 'window scale'),
            equal('scale of the client in ss', 'none', scales.join(), established),
          );
        },
      },
      'MSS, window scale and SACK-permitted belong on SYN segments (RFC 9293, section 3.7.1; RFC 7323, section 2.2; RFC 2018, section 2). Timestamps, once agreed on, must stand on every later segment but a RST (RFC 7323, section 3.2), and SACK blocks on ACKs that report a gap (RFC 2018, section 3).',
    ),
  },
});

/** The option is on both SYN segments and on no other. */
const onSynsOnly = (run: View, option: Option) => {
  const { segments } = run.during('both ends have all options').connection();
  const having = segments.filter(options[option]);
  const syns = having.filter(carries('SYN')).length;
  const found = (on: number, others: number) => `${on} SYN segments and ${others} of ${segments.length - 2} others`;
  return equal(`${option} on`, found(2, 0), found(syns, having.length - syns), segments);
};

/** The SYN offers the option, the SYN-ACK leaves it out, and so does every later segment. */
const notGranted = (view: View, option: Option) => {
  const { segments } = view.connection();
  const [offered, granted] = segments.map(options[option]);
  const later = segments.slice(2);
  return all(
    equal(
      `${option} offered by the SYN, granted by the SYN-ACK`,
      [true, false],
      [offered, granted],
      segments.slice(0, 2),
    ),
    none(`later segments with ${option}`, later.filter(options[option]), later),
  );
};
