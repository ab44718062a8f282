// What several events say together.

import { Unobserved } from '../view/observation.ts';
import { seconds } from '../view/seconds.ts';

/** An event that may not be there. */
type Timed = { at: number; between?: readonly [number, number] | undefined } | undefined;

/**
 * Milliseconds from one event to another; NaN when one is not there, which lies in no range. Throws Unobserved where one
 * of them is only known to lie between two moments that are further apart than a hundredth of the time, or 1 ms.
 */
export const elapsed = (from: Timed, to: Timed): number => {
  const milliseconds = ((to?.at ?? Number.NaN) - (from?.at ?? Number.NaN)) / 1e6;
  const vague = [from, to].find((event) => widthOf(event) > Math.max(1, Math.abs(milliseconds) / 100));
  if (vague?.between) {
    const [earliest, latest] = vague.between;
    throw new Unobserved(`what is timed is only known to be between ${seconds(earliest)} and ${seconds(latest)}`);
  }
  return milliseconds;
};

const widthOf = (event: Timed): number => (event?.between ? (event.between[1] - event.between[0]) / 1e6 : 0);

/** Milliseconds from each event to the next. Throws Unobserved as `elapsed` does. */
export const waitsBetween = (events: readonly Timed[]): number[] =>
  events.slice(1).map((event, index) => elapsed(events[index], event));

/**
 * What programs read or printed, put together. Throws Unobserved where the record does not keep all of it: it keeps 200
 * characters of a read at most, and none of what is no text.
 */
export const textOf = (events: readonly Said[]): string => {
  const cut = events.find(
    ({ text = '', bytes, isThrownAway }) => !isThrownAway && bytes !== undefined && Buffer.byteLength(text) !== bytes,
  );
  if (cut) throw new Unobserved(`of the ${cut.bytes} bytes of ${cut.id} the record keeps only the beginning, or none`);
  return events.map(({ text = '' }) => text).join('');
};

type Said = { id?: string; text?: string; bytes?: number; isThrownAway?: true };
