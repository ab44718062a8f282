// What several events say together.

/** An event that may not be there. */
type Timed = { at: number } | undefined;

/** Milliseconds from one event to another; NaN when one is not there, which lies in no range. */
export const elapsed = (from: Timed, to: Timed) => ((to?.at ?? Number.NaN) - (from?.at ?? Number.NaN)) / 1e6;

/** Milliseconds from each event to the next. */
export const waitsBetween = (events: readonly Timed[]) =>
  events.slice(1).map((event, index) => elapsed(events[index], event));

/** What programs read or printed, put together. */
export const textOf = (events: readonly { text?: string }[]) => events.map(({ text = '' }) => text).join('');
