import { expect, test } from 'vitest';
import type { WireSegment } from './segment.ts';
import { trackUnanswered } from './unanswered.ts';

const segment = (from: 'client' | 'server', flags: string, seq: number, ack: number, length = 0) =>
  ({ connection: 0, from, flags, seq, ack, length }) as WireSegment;
const ms = 1e6;

test('delivered data are owed an acknowledgement until it comes, or until no timer can bring it any more', () => {
  const tracker = trackUnanswered();
  tracker.delivered(segment('client', 'P.', 1, 1, 5), 'server', 0);
  expect(tracker.owedFor(50 * ms)).toBe(200);
  tracker.sent(segment('server', '.', 1, 3));
  expect(tracker.owedFor(50 * ms)).toBe(200);
  tracker.sent(segment('server', '.', 1, 6));
  expect(tracker.owedFor(50 * ms)).toBe(0);
  tracker.delivered(segment('client', 'F.', 6, 1), 'server', 100 * ms);
  expect(tracker.owedFor(100 * ms)).toBe(250);
  expect(tracker.owedFor(351 * ms)).toBe(0);
});

test('an acknowledgement alone is owed nothing, nor is what is answered before its delivery is reported, nor after a reset', () => {
  const tracker = trackUnanswered();
  tracker.delivered(segment('client', '.', 1, 1), 'server', 0);
  tracker.sent(segment('server', '.', 1, 6));
  tracker.delivered(segment('client', 'P.', 1, 1, 5), 'server', 0);
  expect(tracker.owedFor(0)).toBe(0);
  tracker.delivered(segment('client', 'P.', 6, 1, 5), 'server', 0);
  tracker.delivered(segment('client', 'R', 11, 0), 'server', 1);
  expect(tracker.owedFor(1)).toBe(0);
  tracker.delivered(segment('client', 'P.', 6, 1, 5), 'server', 0);
  tracker.sent(segment('server', 'R', 1, 0));
  expect(tracker.owedFor(1)).toBe(0);
});
