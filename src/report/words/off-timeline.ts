// What the timeline does not show, in sentences: nobody shall take what is not shown for what was not there.
import type { OffTimeline, Timeline } from '../../timeline/schema.ts';

/** `11 frames over IPv6 (ICMPv6) are in the captures and not on this timeline.` */
export const offTimelineWords = ({ offTimeline }: Timeline): string[] => {
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

const listed = (parts: string[]) =>
  parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
