import { expect, test } from 'vitest';
import { retransmittingFor } from './giving-up.ts';

// The kernel's ip-sysctl: "the default value of 15 yields a hypothetical timeout of 924.6 seconds".
test.each([
  [0, 200],
  [3, 3_000],
  [8, 102_200],
  [9, 204_600],
  [10, 324_600],
  [15, 924_600],
])('%i retransmissions take %i ms', (retries, milliseconds) => {
  expect(retransmittingFor(retries, 120_000)).toBe(milliseconds);
});
