import { expect, test } from 'vitest';
import { elapsed, textOf, waitsBetween } from './events.ts';

const at = (milliseconds: number) => ({ at: milliseconds * 1e6 });

test('elapsed counts milliseconds, and is no number where an event is missing', () => {
  expect(elapsed(at(10), at(210))).toBe(200);
  expect(elapsed(undefined, at(210))).toBeNaN();
  expect(elapsed(at(10), undefined)).toBeNaN();
});

test('waits lie between events', () => {
  expect(waitsBetween([at(0), at(1), at(3)])).toEqual([1, 2]);
  expect(waitsBetween([at(0)])).toEqual([]);
  expect(waitsBetween([])).toEqual([]);
});

test('texts are put together, and what has none adds nothing', () => {
  expect(textOf([{ text: 'still ' }, {}, { text: 'here' }])).toBe('still here');
});
