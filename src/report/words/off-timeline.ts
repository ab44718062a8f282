// What the timeline does not show, in sentences: nobody shall take what is not shown for what was not there.
import { hostNames } from '../../record/hosts.ts';
import type { OffTimeline, Timeline } from '../../timeline/schema.ts';
import { listed } from './text.ts';

export const offTimelineWords = (timeline: Timeline): string[] => [
  ...uncapturedWords(timeline.offTimeline),
  ...unseenEndWords(timeline),
];

/** Of a host that sent something on a connection, and of whose socket no sample has a row. */
const unseenEndWords = ({ events, connections }: Timeline): string[] =>
  hostNames.flatMap((host) => {
    const sending = new Set<number>();
    const seen = new Set<number>();
    for (const event of events) {
      // A reset is sent without a socket as well.
      if (event.kind === 'segment' && event.from === host && event.origin === 'host' && !event.flags.includes('R'))
        sending.add(event.connection);
      if (event.kind === 'state' && event.host === host && event.connection !== undefined) seen.add(event.connection);
    }
    const unseen = [...sending].filter((connection) => !seen.has(connection));
    if (unseen.length === 0) return [];
    const which =
      unseen.length <= mostListed
        ? `connection${unseen.length === 1 ? '' : 's'} ${listed(unseen.map(String))}`
        : `${unseen.length === connections.length ? 'any' : unseen.length} of the ${connections.length} connections`;
    const whose = unseen.length === 1 ? 'its' : 'their';
    return [`ss never saw a socket of ${which} at the ${host}: ${whose} states there are not known.`];
  });

const mostListed = 5;

/** `11 frames over IPv6 (ICMPv6) are in the captures and not on this timeline.` */
const uncapturedWords = (offTimeline: OffTimeline | undefined): string[] => {
  if (!offTimeline) return [];
  const { frames, loopback } = offTimeline;
  const byNetwork = [...Map.groupBy(frames, ({ network }) => network)].map(networkWords);
  const total = frames.reduce((sum, { count }) => sum + count, 0);
  return [
    ...(total > 0
      ? [
          `${listed(byNetwork)} ${total === 1 ? 'is' : 'are'} in the captures and not on this timeline, which shows TCP.`,
        ]
      : []),
    ...loopback.map(
      ({ host, connections }) =>
        `${connections} ${connections === 1 ? 'connection' : 'connections'} of the ${host} with itself crossed no wire: ss shows the sockets, the segments of loopback are not captured.`,
    ),
  ];
};

const networkWords = ([network, kinds]: [string, OffTimeline['frames']]): string => {
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const frames = `${total} ${total === 1 ? 'frame' : 'frames'}`;
  if (network === 'ARP') return `${frames} of ARP`;
  const protocols = kinds.flatMap(({ protocol, count }) =>
    protocol ? [kinds.length === 1 ? protocol : `${count} ${protocol}`] : [],
  );
  return `${frames} over ${network}${protocols.length > 0 ? ` (${protocols.join(', ')})` : ''}`;
};
