// How each segment crossed the wire, where that is worth telling: held back, delayed, or on it together with another that matters.
import type { SegmentEvent, Timeline, WireEvent } from '../timeline/schema.ts';

export type Journey = {
  /** Why it took its time. `shared`: one from the other side met it on the wire, or it queued behind one that was held. */
  kind: 'held' | 'delayed' | 'shared';
  /** Nanoseconds between the two captures. */
  took: number;
};

/** The segments that arrive at a moment of their own, by id. */
export const journeysOf = ({ events }: Timeline): Map<string, Journey> => {
  const segments = events.filter((event) => event.kind === 'segment');
  const operations = events.filter((event) => event.kind === 'wire');
  const journeys = new Map<string, Journey>();
  for (const sent of Map.groupBy(segments, ({ connection }) => connection).values()) {
    const kinds = sent.map((segment) => operationOn(segment, operations));
    const slow = sent.filter((_, index) => kinds[index]);
    const ends = sent.filter(opensOrEnds);
    sent.forEach((segment, index) => {
      const { id, sentAt, receivedAt } = segment;
      if (sentAt === undefined || receivedAt === undefined) return;
      const meets = (opensOrEnds(segment) ? sent : ends).some((other) => isMet(segment, other));
      const kind = kinds[index] ?? (meets || slow.some((other) => isBehind(segment, other)) ? 'shared' : undefined);
      if (kind) journeys.set(id, { kind, took: receivedAt - sentAt });
    });
  }
  return journeys;
};

/** A release names the frames it let go; a delay is seen by its length. */
const operationOn = (segment: SegmentEvent, operations: WireEvent[]): 'held' | 'delayed' | undefined => {
  const { sentAt = segment.at, receivedAt, frame } = segment;
  if (receivedAt === undefined) return undefined;
  const isReleased = ({ operation, args }: WireEvent) =>
    operation === 'release' && Array.isArray(args.frames) && args.frames.includes(frame);
  if (operations.some(isReleased)) return 'held';
  const milliseconds = Number(
    operations.findLast(({ operation, at }) => operation === 'delay' && at < sentAt)?.args.milliseconds ?? 0,
  );
  return milliseconds > 0 && receivedAt - sentAt >= milliseconds * 0.95e6 ? 'delayed' : undefined;
};

/** Of two that meet, one has to open or end the connection: acknowledgements and data cross all the time. */
const opensOrEnds = ({ flags }: SegmentEvent): boolean => /[SFR]/.test(flags);

const isMet = (segment: SegmentEvent, other: SegmentEvent): boolean =>
  other.from !== segment.from && isOnTheWire(segment, other.sentAt) && isOnTheWire(other, segment.receivedAt);

const isBehind = (segment: SegmentEvent, other: SegmentEvent): boolean =>
  other.from === segment.from && isOnTheWire(other, segment.sentAt) && isOnTheWire(segment, other.receivedAt);

const isOnTheWire = ({ sentAt, receivedAt }: SegmentEvent, at: number | undefined): boolean =>
  at !== undefined && sentAt !== undefined && receivedAt !== undefined && sentAt < at && at < receivedAt;
