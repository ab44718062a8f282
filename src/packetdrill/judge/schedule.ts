// When each event of a script is due, by packetdrill's rules, given when the events before it happened. All in seconds
// of the script: 0 is when the first event happened.
import type { PktLine, PktOptions } from '../notation/script.ts';

export type Due = {
  at: number;
  /** What relative times of this event count from. */
  from: number;
  /** It happened in time between these. */
  earliest: number;
  latest: number;
  tolerance: number;
};

/** The schedule of one script. Ask `due` for a line, then tell `happened`, line by line. */
export const createSchedule = ({ toleranceUsecs, tolerancePercent }: PktOptions) => {
  let clock = 0;
  /**
   * When the latest event began. What a call sends may go out long before the call returns to a process that has to
   * wait for its turn.
   */
  let begun = 0;
  /** Where the clock would stand if every event had happened when it was due. */
  let ideal = 0;
  let previous: { at: number; inbound: boolean } | undefined;
  const tolerate = (since: number) => Math.max(toleranceUsecs / 1e6, (tolerancePercent / 100) * since);
  return {
    due: ({ time, action }: PktLine): Due => {
      // One inbound segment after another is meant from the other's due time, so that the tool's own delays do not add up.
      const anchored = previous?.inbound && action === 'inbound';
      const from = anchored ? (previous?.at ?? 0) : clock;
      if (time.kind === 'any')
        return { at: from, from, earliest: Number.NEGATIVE_INFINITY, latest: Number.POSITIVE_INFINITY, tolerance: 0 };
      const offset = time.kind === 'relative' ? from : 0;
      const at = offset + time.at;
      const tolerance = previous ? tolerate(at - previous.at) : tolerate(0);
      const early = time.kind === 'relative' ? Math.min(0, begun - from) : 0;
      return {
        at,
        from,
        earliest: at + early - tolerance,
        latest: offset + (time.until ?? time.at) + tolerance,
        tolerance,
      };
    },
    /** When a blocking call begun at this line is to return. */
    returnDue: ({ time }: PktLine, { at, from }: Due, returnsAt: number): Due => {
      const end = (time.kind === 'relative' ? from : 0) + returnsAt;
      const tolerance = tolerate(end - at);
      return { at: end, from, earliest: end - tolerance, latest: end + tolerance, tolerance };
    },
    /** How far the events so far lag behind the times the script gives them. */
    slip: (): number => clock - ideal,
    /** The event took place; what follows counts from `end`. */
    happened: ({ action, time }: PktLine, { at }: Due, begin: number, end = begin): void => {
      begun = Math.max(begun, begin);
      clock = Math.max(clock, end);
      if (time.kind === 'any') ideal = clock;
      else ideal = time.kind === 'absolute' ? Math.max(ideal, time.at) : ideal + time.at;
      previous = { at, inbound: action === 'inbound' };
    },
  };
};

/** `0.300 s`, `between 0.296 s and 0.304 s`, for messages. */
export const dueWords = ({ at, earliest, latest }: Due): string =>
  Number.isFinite(latest)
    ? `at ${secondsOf(at)}, between ${secondsOf(earliest)} and ${secondsOf(latest)}`
    : 'at any time';

export const secondsOf = (seconds: number): string => `${(Math.max(0, Math.round(seconds * 1e6)) / 1e6).toFixed(4)} s`;
