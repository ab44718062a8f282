import { expect, test } from 'vitest';
import { timeoutsAfter } from './rto.ts';

const ms = 1e6;
/** Round trips one after another, each acknowledging all that was sent. */
const after = (trips: number[], rtoMin?: number) =>
  timeoutsAfter(
    trips.map((trip, index) => ({ trip: trip * ms, una: index + 1, nxt: index + 2 })),
    rtoMin,
  );

test('before the first round trip it is one second', () => {
  expect(after([])).toEqual({ rto: 1000 });
});

test('a short round trip adds itself to the floor, a long one counts three times', () => {
  expect(after([10])).toEqual({ rtt: 10, rto: 210 });
  expect(after([84])).toEqual({ rtt: 84, rto: 284 });
  expect(after([600])).toEqual({ rtt: 600, rto: 1800 });
  expect(after([10], 50)).toEqual({ rtt: 10, rto: 60 });
});

test('the smoothed round trip moves by an eighth, and the variance falls by a quarter once a round trip', () => {
  const { rtt, rto } = after(new Array(8).fill(600));
  expect(rtt).toBe(600);
  // The deviation falls by a quarter each time; the variance follows the largest of each window.
  expect(rto).toBeGreaterThan(1000);
  expect(rto).toBeLessThan(1800);
  expect(after([100, 20]).rtt).toBe(90);
});

test('what ss showed: 3.673 ms, then five exchanges, on a kernel whose clock ticks every 4 ms', () => {
  const { rtt = 0, rto } = after([3.673, 1.0, 0.83, 3.2, 1.1]);
  expect(rtt).toBeCloseTo(2.9, 0);
  expect(Math.ceil(rto / 4) * 4).toBe(204);
});
