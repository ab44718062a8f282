// How each segment crossed the wire, where that is worth telling: held back, delayed, or crossed by one going the other way.
import type { SegmentEvent, Timeline, WireEvent } from '../timeline/schema.ts';

export type Journey = {
  /** Why it took its time. `crossed`: one from the other side was on the wire at the same time. */
  kind: 'held' | 'delayed' | 'crossed';
  /** Nanoseconds between the two captures. */
  took: number;
};

/** The segments that arrive at a moment of their own, by id. */
export const journeysOf = ({ events }: Timeline): Map<string, Journey> => {
  const segments = events.filter((event) => event.kind === 'segment');
  const operations = events.filter((event) => event.kind === 'wire');
  const byConnection = Map.groupBy(segments, ({ connection }) => connection);
  const ends = Map.groupBy(segments.filter(opensOrEnds), ({ connection }) => connection);
  const journeys = new Map<string, Journey>();
  for (const segment of segments) {
    const { sentAt, receivedAt } = segment;
    if (sentAt === undefined || receivedAt === undefined) continue;
    const kind =
      operationOn(segment, operations) ??
      (isCrossed(segment, (opensOrEnds(segment) ? byConnection : ends).get(segment.connection) ?? [])
        ? 'crossed'
        : undefined);
    if (kind) journeys.set(segment.id, { kind, took: receivedAt - sentAt });
  }
  return journeys;
};

/** A release names the frames it let go; a delay is seen by its length. */
const operationOn = (segment: SegmentEvent, operations: WireEvent[]): 'held' | 'delayed' | undefined => {
  const { sentAt = segment.at, receivedAt = segment.at, frame } = segment;
  const released = operations.some(
    ({ operation, args }) => operation === 'release' && Array.isArray(args.frames) && args.frames.includes(frame),
  );
  if (released) return 'held';
  const delay = operations.findLast(({ operation, at }) => operation === 'delay' && at < sentAt)?.args;
  const milliseconds = Number(delay?.milliseconds ?? delay?.ms ?? 0);
  return milliseconds > 0 && receivedAt - sentAt >= milliseconds * 0.95e6 ? 'delayed' : undefined;
};

/** Only segments that open or end a connection are looked at: acknowledgements and data cross all the time. */
const opensOrEnds = ({ flags }: SegmentEvent): boolean => /[SFR]/.test(flags);

const isCrossed = (segment: SegmentEvent, others: SegmentEvent[]): boolean =>
  others.some(
    (other) =>
      other.from !== segment.from && isInFlight(segment, other.sentAt) && isInFlight(other, segment.receivedAt),
  );

const isInFlight = ({ sentAt, receivedAt }: SegmentEvent, at: number | undefined): boolean =>
  at !== undefined && sentAt !== undefined && receivedAt !== undefined && sentAt < at && at < receivedAt;
