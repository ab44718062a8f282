// Which segments are meant, in words: conditions for `filter`, `find` and for the rules of the wire.
import type { HostName, SegmentEvent } from '../timeline/schema.ts';

/** What a segment can carry. */
export type Cargo = 'data' | 'SYN' | 'FIN' | 'RST';

/** Segments that carry any of these: `segments.filter(carries('FIN', 'RST'))`, `wire.hold(carries('FIN'))`. */
export const carries =
  (...cargo: Cargo[]) =>
  ({ flags, length }: { flags: string; length: number }): boolean =>
    cargo.some((one) => (one === 'data' ? length > 0 : flags.includes(one.charAt(0))));

/** Segments of one host; with `cargo`, those that carry any of it: `segments.find(sent('server', 'FIN'))`. */
export const sent =
  (host: HostName, ...cargo: Cargo[]) =>
  (segment: { from: HostName; flags: string; length: number }): boolean =>
    segment.from === host && (cargo.length === 0 || carries(...cargo)(segment));

/** The first of the segments that the receiver of another sent after it had arrived. */
export const answerTo = (segment: SegmentEvent | undefined, segments: readonly SegmentEvent[]) =>
  segments.find(
    ({ from, sentAt }) => from === segment?.to && (sentAt ?? 0) >= (segment.receivedAt ?? Number.POSITIVE_INFINITY),
  );

/** Bytes in all: the payload of segments, or what programs have read. */
export const bytesOf = (events: readonly ({ length: number } | { bytes: number })[]): number =>
  events.reduce((total, event) => total + ('bytes' in event ? event.bytes : event.length), 0);
