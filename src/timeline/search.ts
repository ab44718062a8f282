// Binary search in lists sorted by time.

import { itemAt } from '../record/item-at.ts';

/** The index of the first element later than `t`: as many elements are at or before it. */
export const countAtOrBefore = <T>(sorted: readonly T[], t: number, timeOf: (element: T) => number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeOf(itemAt(sorted, middle)) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const lastAtOrBefore = <T>(sorted: readonly T[], t: number, timeOf: (element: T) => number): T | undefined =>
  sorted[countAtOrBefore(sorted, t, timeOf) - 1];

/** Those of a list sorted by time whose time lies from `from` to `to`, both included. */
export const within = <T>(sorted: readonly T[], from: number, to: number, timeOf: (one: T) => number): T[] =>
  sorted.slice(countAtOrBefore(sorted, from - 1, timeOf), countAtOrBefore(sorted, to, timeOf));
