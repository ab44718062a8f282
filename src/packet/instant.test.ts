import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromNanoseconds, nanosecondsBetween, toNanoseconds } from './instant.ts';

test('nanoseconds since 1970 are kept exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 4_294_967_295_999_999_999n }), (total) => {
      return toNanoseconds(fromNanoseconds(total)) === total;
    }),
  );
});

test('a difference is one number, exact to the nanosecond', () => {
  const from = { seconds: 1_795_178_668, nanoseconds: 999_999_999 };
  expect(nanosecondsBetween(from, { seconds: 1_795_178_669, nanoseconds: 1 })).toBe(2);
  expect(nanosecondsBetween({ seconds: 1_795_178_669, nanoseconds: 1 }, from)).toBe(-2);
});
