// The words a case is judged in. Each gives what was expected, what was found, and the events that show it.
import type { TcpState } from '../../record/tcp-state.ts';
import { type Check, plainly, round, type Shown, show, thereOf, unique, unknown } from '../check.ts';
import type { IdentifiedRow, RowFilter } from '../view/filters.ts';
import { elapsed, waitsBetween } from './events.ts';
import { hasNaN, isSame } from './same.ts';

/** Whether `held` is true; both texts are for the reader. */
export const holds = (expected: string, actual: string, held: boolean, evidence: Shown): Check => ({
  outcome: held ? 'held' : 'failed',
  expected,
  actual,
  evidence: unique(evidence),
  measures: true,
});

/**
 * Whether a value is the one expected, by its parts. `what` names it: `payload bytes acknowledged`. NaN is no value and
 * equals nothing; where what is expected cannot be had from the record (undefined, NaN), nothing can be compared with
 * it and the outcome is unknown.
 */
export const equal = (what: string, expected: unknown, actual: unknown, evidence: Shown): Check =>
  expected === undefined || hasNaN(expected)
    ? unknown(`${what}: the record does not tell what to expect`)
    : plainly(holds(`${what}: ${show(expected)}`, `${what}: ${show(actual)}`, isSame(expected, actual), evidence));

/** Whether there are so many of a kind. What is not there does not count. */
export const count = (what: string, expected: number, found: Shown): Check => ({
  ...equal(what, expected, thereOf(found).length, found),
  measures: true,
});

/**
 * Whether a number lies in a range, both ends included. `unit` follows the numbers. NaN lies in none, and a range that
 * is none holds nothing.
 */
export const within = (
  what: string,
  [low, high]: readonly [number, number],
  actual: number,
  unit: string,
  evidence: Shown,
): Check =>
  hasNaN([low, high])
    ? unknown(`${what}: the record does not tell which range to expect`)
    : holds(
        `${what}: ${round(low)} to ${round(high)} ${unit}`.trimEnd(),
        `${what}: ${Number.isFinite(actual) ? `${round(actual)} ${unit}`.trimEnd() : 'none'}`,
        Number.isFinite(actual) && actual >= low && actual <= high,
        evidence,
      );

/**
 * The range in which a kernel timer set to `milliseconds` fires: never early, and up to 12.5 % late
 * (the timer wheel since Linux 4.8, kernel/time/timer.c). For the measurement there are 20 ms, of long times a
 * hundredth, and 40 ms.
 */
export const kernelTime = (milliseconds: number): readonly [number, number] => [
  milliseconds - Math.max(20, milliseconds / 100),
  milliseconds * 1.125 + 40,
];

/**
 * Whether events follow each other after these kernel times, milliseconds. Node's own event loop may be busy: what it
 * emits may be told 250 ms later; of a change of state the span counts that it lies in, and where that is too wide to
 * say, nobody knows.
 */
export const waits = (
  expected: readonly number[],
  events: readonly ({ id: string; at: number; kind?: string; between?: readonly [number, number] } | undefined)[],
): Check => {
  if (expected.length === 0 || hasNaN(expected)) return unknown('waits: the record does not tell which to expect');
  const pointOf = (event: { at: number } | undefined) => event && { at: event.at };
  const actual = waitsBetween(events.map(pointOf));
  const fitting = actual.map((wait, index): boolean | undefined => {
    const [low, high] = kernelTime(expected[index] ?? Number.NaN);
    const event = events[index + 1];
    if (!event?.between) return wait >= low && wait <= high + (event?.kind === 'emit' ? 250 : 0);
    const [least, most] = event.between.map((at) => elapsed(pointOf(events[index]), { at })) as [number, number];
    if (least >= low && most <= high) return true;
    return least > high || most < low ? false : undefined;
  });
  const wrong = fitting.indexOf(false);
  const seconds = actual.map((wait) => (wait / 1000).toFixed(2)).join(', ');
  const said = `waits of ${seconds || 'none'} s`;
  if (wrong < 0 && fitting.includes(undefined))
    return unknown(`${said}, of which number ${fitting.indexOf(undefined) + 1} is not known exactly enough`);
  return holds(
    `waits of ${expected.map((wait) => wait / 1000).join(', ')} s`,
    `${said}${wrong < 0 || actual.length === 1 ? '' : ` (the first that differs is number ${wrong + 1})`}`,
    wrong < 0 && actual.length === expected.length,
    events,
  );
};

/**
 * Whether segments are exactly these, in order, each written `client S`, `server F. 1:1(0) ack 1`: as much of the
 * notation as is given must agree.
 */
export const sequence = (
  segments: readonly { id: string; from: string; flags: string; text: string }[],
  expected: readonly string[],
): Check => {
  const agrees =
    segments.length === expected.length && expected.every((pattern, index) => fits(segments[index], pattern));
  const exact = expected.some((pattern) => pattern.split(' ').length > 2);
  const actual = segments.map(({ from, flags, text }) => `${from} ${exact ? text : flags}`).join(', ');
  return plainly(
    holds(`segments: ${expected.join(', ') || 'none'}`, `segments: ${actual || 'none'}`, agrees, segments),
  );
};

/** Whether a socket went through exactly these states, in order. */
export const states = (
  what: string,
  expected: readonly TcpState[],
  changes: readonly { id: string; to: TcpState }[],
): Check => equal(what, expected.join(' → '), changes.map(({ to }) => to).join(' → '), changes);

/** Whether a host has so many sockets that fit at the end of the view: `sockets(view.server, { state: 'TIME-WAIT' }, 10)`. */
export const sockets = (
  host: { name: string; last(filter?: RowFilter): { id: string; rows: IdentifiedRow[] } },
  filter: Exclude<RowFilter, (...args: never[]) => unknown>,
  expected: number,
): Check => {
  const { id, rows } = host.last(filter);
  const what = Object.entries(filter).map(([key, value]) => (key === 'state' ? `in ${value}` : `${key} ${value}`));
  return equal(`sockets of the ${host.name} ${what.join(', ')}`, expected, rows.length, [{ id }]);
};

/** Whether nothing of a kind is there: `none('connection rows on the server', rows)`. What was looked through is the evidence. */
export const none = (what: string, found: Shown, lookedThrough: Shown): Check =>
  plainly(
    holds(
      `${what}: none`,
      `${what}: ${thereOf(found).length || 'none'}`,
      thereOf(found).length === 0,
      thereOf(found).length > 0 ? found : lookedThrough,
    ),
  );

/**
 * A race, repeated: how often a thing came out so. It holds when the share lies in the range (0 to 1), and is unknown
 * when it was tried less often than `draws`, because a few draws tell nothing of a race. `late`: in how many tries the
 * program that was to win was slower than the race allows, because the machine is busy. Where there are any, a share out
 * of the range says nothing.
 */
export const share = (
  what: string,
  [low, high]: readonly [number, number],
  outcomes: readonly boolean[],
  evidence: Shown,
  { draws = 20, late = 0 }: { draws?: number | undefined; late?: number } = {},
): Check => {
  const yes = outcomes.filter(Boolean).length;
  const part = yes / outcomes.length;
  const range = low === high ? `${round(low * 100)} %` : `${round(low * 100)} to ${round(high * 100)} %`;
  const expected = `${what}: ${range} of at least ${draws} tries`;
  const actual = `${what}: ${yes} of ${outcomes.length} tries`;
  const isEnough = outcomes.length > 0 && outcomes.length >= draws;
  const isWithin = part >= low && part <= high;
  if (isEnough && !isWithin && late > 0) return unknown(`${actual}, of which ${late} were late`);
  if (isEnough) return holds(expected, actual, isWithin, evidence);
  return { ...holds(expected, `${actual}, which are too few to tell`, false, evidence), outcome: 'unknown' };
};

const fits = (segment: { from: string; flags: string; text: string } | undefined, pattern: string) =>
  segment !== undefined &&
  (pattern.split(' ').length > 2
    ? pattern === `${segment.from} ${segment.text}`
    : pattern === `${segment.from} ${segment.flags}`);
