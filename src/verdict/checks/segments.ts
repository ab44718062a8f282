// Which segments are meant, in words: conditions for `filter`, `find` and for the rules of the wire.
import { type HostName, hostNames } from '../../record/hosts.ts';
import type { SegmentEvent } from '../../timeline/schema.ts';
import { elapsed } from './events.ts';

const kinds = ['data', 'SYN', 'FIN', 'RST'] as const;
const cargoWords = "'data', 'SYN', 'FIN' or 'RST'";

/** What a segment can carry. */
export type Cargo = (typeof kinds)[number];

type Condition<S> = ((segment: S) => boolean) & { readonly description: string };

/**
 * Segments that carry any of these: `segments.filter(carries('FIN', 'RST'))`, `wire.hold(carries('FIN'))`. Throws when it is told
 * nothing, or something no segment carries.
 */
export const carries = (...cargo: Cargo[]): Condition<{ flags: string; length: number }> => {
  if (cargo.length === 0) throw new TypeError(`carries() takes ${cargoWords}, and was given nothing.`);
  for (const one of cargo)
    if (!kinds.includes(one))
      throw new TypeError(`carries() takes ${cargoWords}, and was given ${JSON.stringify(one)}.`);
  const fits = ({ flags, length }: { flags: string; length: number }) =>
    cargo.some((one) => (one === 'data' ? length > 0 : flags.includes(one.charAt(0))));
  return Object.assign(fits, { description: cargo.join(' or ') });
};

type Sent = { from: HostName; flags: string; length: number; origin?: SegmentEvent['origin'] };

/**
 * Segments that one host sent; with `cargo`, those that carry any of it: `segments.find(sent('server', 'FIN'))`. Of events,
 * what the wire made in its name is none of them.
 */
export const sent = (host: HostName, ...cargo: Cargo[]): Condition<Sent> => {
  if (!hostNames.includes(host)) {
    const names = hostNames.map((name) => `'${name}'`).join(', ');
    throw new TypeError(`sent() takes a host first, one of ${names}, and was given ${JSON.stringify(host)}.`);
  }
  const condition = cargo.length === 0 ? undefined : carries(...cargo);
  const fits = (segment: Sent) =>
    segment.from === host && (segment.origin ?? 'host') === 'host' && (condition?.(segment) ?? true);
  return Object.assign(fits, { description: `${condition?.description ?? 'segments'} from ${host}` });
};

/** The first of the segments that the receiver of another sent after it had arrived. */
export const answerTo = (segment: SegmentEvent | undefined, segments: readonly SegmentEvent[]) =>
  segments.find(
    ({ from, sentAt }) => from === segment?.to && (sentAt ?? 0) >= (segment.receivedAt ?? Number.POSITIVE_INFINITY),
  );

/** Milliseconds from the arrival of a segment to the answer (`answerTo`); NaN where there is none. */
export const answeredAfter = (segment: SegmentEvent | undefined, segments: readonly SegmentEvent[]): number =>
  elapsed({ at: segment?.receivedAt ?? Number.NaN }, answerTo(segment, segments));

/** Bytes in all: the payload of segments, or what programs have read. */
export const bytesOf = (events: readonly ({ length: number } | { bytes: number })[]): number =>
  events.reduce((total, event) => total + ('bytes' in event ? event.bytes : event.length), 0);
