// When something happened, as far as it is known: most things at a moment, a change of state or of a counter perhaps
// only between two.
import type { CounterEvent, ProcessEvent, StateEvent, TimelineEvent } from '../../timeline/schema.ts';
import { clockFor, span } from './units.ts';

/** Shorter spans are a moment to a reader. */
const momentNanoseconds = 1e6;

/** Whether the event's time is only the earliest it can have happened at. */
export const isSpread = (event: TimelineEvent): event is StateEvent | CounterEvent =>
  (event.kind === 'state' || event.kind === 'counter') && event.between[1] - event.between[0] > momentNanoseconds;

/** The time of an event as it is written: of what has no moment, the earliest. */
export const earliestOf = (event: TimelineEvent): number => (isSpread(event) ? event.between[0] : event.at);

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
