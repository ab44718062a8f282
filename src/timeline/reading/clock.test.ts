import { expect, test } from 'vitest';
import { ofTwo } from '../../record/fixtures/of-two.ts';
import { makeClock } from './clock.ts';

const nothing = { copies: new Map() };
const none = ofTwo({ client: { sent: nothing, received: nothing }, server: { sent: nothing, received: nothing } });
const realtime = 1_790_000_000_000_000_000n;
const packetAt = (monotonic: number, offset = realtime) => {
  const total = BigInt(monotonic) + offset;
  return {
    index: 1,
    data: new Uint8Array(),
    originalLength: 0,
    seconds: Number(total / 1_000_000_000n),
    nanoseconds: Number(total % 1_000_000_000n),
  };
};
const timeOf = (clock: ReturnType<typeof makeClock>, monotonic: number, offset = realtime) => {
  const { seconds, nanoseconds } = packetAt(monotonic, offset);
  return clock.fromCapture(seconds, nanoseconds);
};

test('a captured time is brought to the common clock exactly', () => {
  const clock = makeClock(1000, [{ begin: 1000, realtime }], none);
  expect(timeOf(clock, 123_456_789)).toBe(123_455_789);
  expect(clock.fromMonotonic(123_456_789)).toBe(123_455_789);
  expect(clock.uncertainty).toBe(1000);
});

test('readings that differ widen the uncertainty, an interrupted one does not', () => {
  const near = [0n, 5000n, 2000n, 9_000_000n, 1000n].map((more, index) => ({
    begin: index * 1000,
    realtime: realtime + more,
  }));
  expect(makeClock(0, near, none).uncertainty).toBe(3000);
});

test('a clock that was set during the run is a stair', () => {
  const hour = 3_600_000_000_000n;
  const readings = [0, 1e9, 2e9, 3e9].map((begin) => ({ begin, realtime: begin < 1.5e9 ? realtime : realtime + hour }));
  const clock = makeClock(0, readings, none);
  expect(timeOf(clock, 1.2e9)).toBe(1.2e9);
  expect(timeOf(clock, 2.5e9, realtime + hour)).toBe(2.5e9);
  expect(clock.uncertainty).toBe(1000);
});

test('a delivery contradicting the readings is owned up to', () => {
  const frame = {
    number: 1,
    from: 'client' as const,
    digest: '',
    bytes: 60,
    at: 0,
    dropped: false,
    keptByScript: 0,
    delivered: { t: 1e6, done: 2e6, to: 'server' as const },
  };
  const captures = { ...none, server: { sent: nothing, received: { copies: new Map([[frame, packetAt(5e6)]]) } } };
  expect(makeClock(0, [{ begin: 0, realtime }], captures).uncertainty).toBe(3e6);
  // Without any reading the delivery itself sets the clock.
  const derived = makeClock(0, [], captures);
  expect(timeOf(derived, 5e6)).toBe(1.5e6);
  expect(derived.uncertainty).toBeLessThan(1e6);
});
