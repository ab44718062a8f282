import { expect, test } from 'vitest';
import { createNat } from './nat.ts';

const seconds = 1e9;

test('a connection is remembered for as long as something moves on it', () => {
  const nat = createNat(10 * seconds, 0);
  const comes = (flags: string, at: number, connection = 0) => nat.hasForgotten({ connection, flags }, at * seconds);
  expect([comes('S', 100), comes('S.', 101), comes('.', 111), comes('P.', 121)]).toEqual([false, false, false, false]);
  expect(comes('.', 131.1)).toBe(true);
  expect(comes('.', 131.2)).toBe(true); // and for good
  expect(comes('S', 132)).toBe(false); // a new one on the same pair
  expect(comes('.', 133)).toBe(false);
});

test('one that was there before counts from then on', () => {
  const nat = createNat(10 * seconds, 100 * seconds);
  expect(nat.hasForgotten({ connection: 3, flags: 'P.' }, 109 * seconds)).toBe(false);
  expect(nat.hasForgotten({ connection: 4, flags: 'P.' }, 111 * seconds)).toBe(true);
});
