// When something happened, as far as it is known: most things at a moment, a change of state or of a counter perhaps
// only between two.
import type { CounterEvent, ProcessEvent, StateEvent, TimelineEvent } from '../../timeline/schema.ts';
import type { Glyphs } from './glyphs.ts';
import { clockFor, span } from './units.ts';

/** Shorter spans are a moment to a reader. */
const momentNanoseconds = 1e6;

/** Whether the event's time is only a bound of when it can have happened. */
export const isSpread = (event: TimelineEvent): event is StateEvent | CounterEvent =>
  (event.kind === 'state' || event.kind === 'counter') && event.between[1] - event.between[0] > momentNanoseconds;

/** Whether none of the events at one place has a moment: then the time beside them is a bound. */
export const haveNoMoment = (events: readonly TimelineEvent[]): events is readonly (StateEvent | CounterEvent)[] =>
  events.length > 0 && events.every(isSpread);

/**
 * The time that stands beside events at one place, `write` being the clock's: of what has no moment, the bound at its
 * place. A change of state stands where it may have begun (`≥`), a rise of a counter where it was read (`≤`).
 */
export const timeBeside = (
  events: readonly TimelineEvent[],
  at: number,
  write: (nanoseconds: number) => string,
  glyphs: Pick<Glyphs, 'atLeast' | 'atMost'>,
): string => {
  if (!haveNoMoment(events)) return write(at);
  const begins = events.flatMap(({ kind, between }) => (kind === 'state' ? [between[0]] : []));
  if (begins.length > 0) return `${glyphs.atLeast}${write(Math.min(...begins))}`;
  return `${glyphs.atMost}${write(Math.max(...events.map(({ between }) => between[1])))}`;
};

/** `between 3623.8 and 7112.6 ms`; nothing where the moment is known. */
export const spreadWords = (event: StateEvent | CounterEvent): string =>
  isSpread(event) ? betweenWords(event.between) : '';

/** The same of the end of a process, which is told a little later in any case. */
export const endSpreadWords = ({ between }: ProcessEvent): string =>
  between && between[1] - between[0] > reportedLateNanoseconds ? betweenWords(between) : '';

const reportedLateNanoseconds = 10e6;

const betweenWords = ([from, to]: readonly [number, number]): string => {
  const { unit, write } = clockFor(to);
  return `between ${write(from)} and ${write(to)} ${unit}`;
};

/** How long the socket stayed in the state: `60.1 s`, `58.0 s to 61.2 s`; undefined where it stayed to the end. */
export const stayWords = ({ dwell, dwellBetween }: StateEvent, gap?: string): string | undefined => {
  if (dwell === undefined) return undefined;
  if (!dwellBetween) return span(dwell, gap);
  const [least, most] = dwellBetween.map((time) => span(time, gap));
  return least === most ? least : `${least} to ${most}`;
};
