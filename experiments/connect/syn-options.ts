// What two ends agree on by TCP options: which option stands on which segment, and what becomes of one that the SYN-ACK
// does not grant.
import { carries, connected, equal, experiment, finding, limit, none, type SegmentEvent, type View } from '#finwait';

/** How to tell that a segment has an option. */
const options = {
  MSS: ({ options: { mss } }: SegmentEvent) => mss !== undefined,
  'window scale': ({ options: { windowScale } }: SegmentEvent) => windowScale !== undefined,
  'SACK permitted': ({ options: { sackPermitted } }: SegmentEvent) => sackPermitted === true,
  'SACK blocks': ({ options: { sack } }: SegmentEvent) => sack !== undefined,
  timestamps: ({ options: { timestamps } }: SegmentEvent) => timestamps !== undefined,
};
type Option = keyof typeof options;

const all = 'both ends have all options';

export default experiment({
  title: 'The options of the SYN segments, and of all the others',
  article: 'tcpdump-observation',
  retransmitAfterSeconds: 1,

  async run({ client, server, wire, stage }) {
    const talk = async (port: number) => {
      const { socket, accepted } = await connected(client, server, port);
      await socket.write('hello');
      await wire.drop(carries('data'), { from: 'client', times: 1 }); // two more arrive, and the gap is reported
      await socket.write({ bytes: 3000 });
      await accepted.received(3005);
      await socket.end();
      await accepted.end();
    };

    await stage(all, () => talk(50000));
    for (const [index, option] of ['timestamps', 'sack', 'window_scaling'].entries()) {
      await stage(`the server has no tcp_${option}`, async () => {
        await server.sysctl(`net.ipv4.tcp_${option}`, 0);
        await talk(50001 + index);
        await server.sysctl(`net.ipv4.tcp_${option}`, 1);
      });
    }
  },

  findings: {
    E8: finding(
      'MSS, SACK, timestamps and window scale are negotiated on the SYN segments only',
      {
        'of MSS': (run) => standsOn(run.during(all), 'MSS', 'S, S.'),
        'of window scale': (run) => standsOn(run.during(all), 'window scale', 'S, S.'),
        'of SACK-permitted': (run) => standsOn(run.during(all), 'SACK permitted', 'S, S.'),
        'of the SACK blocks that report a loss': limit(
          (run) => none('segments with SACK blocks', having(run.during(all), 'SACK blocks'), run.segments()),
          'it is the use of what was negotiated',
        ),
        'of the timestamps themselves': limit(
          (run) => standsOn(run.during(all), 'timestamps', 'S, S.'),
          "once negotiated they are used; they stand on every segment of the article's own capture",
        ),
        'of timestamps: those that the SYN-ACK does not grant are not used': (run) =>
          standsOn(run.during('the server has no tcp_timestamps'), 'timestamps', 'S'),
        'of SACK: where the SYN-ACK does not grant it, it is not used': (run) => [
          standsOn(run.during('the server has no tcp_sack'), 'SACK permitted', 'S'),
          none(
            'segments with SACK blocks',
            having(run.during('the server has no tcp_sack'), 'SACK blocks'),
            run.segments(),
          ),
        ],
        'of a window scale that the SYN-ACK does not grant: it is not used': (run) => {
          const view = run.during('the server has no tcp_window_scaling');
          const rows = view
            .connection()
            .rows('client')
            .filter(({ row }) => row.state === 'ESTABLISHED');
          const scaled = rows.filter(({ row }) => row.info.wscale !== undefined);
          return [standsOn(view, 'window scale', 'S'), none('rows of ss with a scale', scaled, rows)];
        },
      },
      'MSS, window scale and SACK-permitted belong on SYN segments (RFC 9293, section 3.7.1; RFC 7323, section 2.2; RFC 2018, section 2). Timestamps, once agreed on, must stand on every later segment but a RST (RFC 7323, section 3.2), and SACK blocks on ACKs that report a gap (RFC 2018, section 3).',
    ),
  },
});

const having = (view: View, option: Option) => view.segments().filter(options[option]);

/** On both SYN segments and no other: `S, S.`; offered by the SYN, not granted and so not used: `S`. */
const standsOn = (view: View, option: Option, flags: 'S, S.' | 'S') => {
  const found = having(view, option);
  return equal(`${option} on`, flags, found.map((one) => one.flags).join(', '), found);
};
