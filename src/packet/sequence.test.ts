import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sequenceAdd, sequenceCompare, sequenceDistance } from './sequence.ts';

const seq = fc.integer({ min: 0, max: 0xffffffff });
const step = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test('the distance to where a step leads is the step', () => {
  fc.assert(fc.property(seq, step, (from, count) => sequenceDistance(from, sequenceAdd(from, count)) === count));
});

test('numbers wrap around after 4294967295', () => {
  expect(sequenceAdd(0xffffffff, 1)).toBe(0);
  expect(sequenceAdd(0, -1)).toBe(0xffffffff);
  expect(sequenceDistance(0xfffffff0, 0x10)).toBe(0x20);
});

test('comparison follows the shorter way around', () => {
  expect(sequenceCompare(0xfffffff0, 5)).toBeLessThan(0);
  expect(sequenceCompare(5, 0xfffffff0)).toBeGreaterThan(0);
  expect(sequenceCompare(7, 7)).toBe(0);
});
