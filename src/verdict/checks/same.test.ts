import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasNaN, isSame } from './same.ts';

test('whatever JSON can hold is the same as its copy', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => isSame(value, JSON.parse(JSON.stringify(value)))),
  );
});

test('NaN is the same as nothing, wherever it stands', () => {
  for (const [a, b] of [
    [Number.NaN, Number.NaN],
    [Number.NaN, null],
    [null, undefined],
    [[Number.NaN], [null]],
    [{ ms: Number.NaN }, { ms: null }],
    [[undefined], [null]],
    [[], {}],
    [[1], [1, undefined]],
  ])
    expect(isSame(a, b), JSON.stringify([a, b])).toBe(false);
});

test('a field that is undefined is not there', () => {
  expect(isSame({ code: 0, signal: undefined }, { code: 0 })).toBe(true);
  expect(isSame({ code: 0, signal: null }, { code: 0 })).toBe(false);
});

test('a number that could not be had is found in any part', () => {
  expect([Number.NaN, [1, Number.NaN], { a: { b: Number.NaN } }].map(hasNaN)).toEqual([true, true, true]);
  expect([0, null, undefined, 'NaN', [1], { a: 1 }].some(hasNaN)).toBe(false);
});
