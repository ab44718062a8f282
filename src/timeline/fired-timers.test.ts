import { expect, test } from 'vitest';
import { firedTimers } from './fired-timers.ts';
import type { CounterEvent } from './schema.ts';
import type { SegmentDraft } from './segments.ts';

const rise = (name: string, by: number, from: number, to: number, host: 'client' | 'server' = 'client') =>
  ({ kind: 'counter', host, name: `TcpExt.${name}`, by, between: [from, to] }) as CounterEvent;
const again = (at: number, from: 'client' | 'server' = 'client') =>
  ({ event: { kind: 'segment', role: 'retransmission', origin: 'host', from, at } }) as SegmentDraft;

test('as many timeouts as retransmissions are timeouts, as many probes are probes', () => {
  const [first, second, third] = [again(10), again(110), again(120)];
  const timerOf = firedTimers(
    [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 2, 100, 150)],
    [first, second, third],
  );
  expect([first, second, third].map(timerOf)).toEqual(['tail-loss-probe', 'on', 'on']);
});

test('the last timeout gives up and sends nothing: what was sent before it was sent by a timeout all the same', () => {
  const one = again(10);
  expect(firedTimers([rise('TCPTimeouts', 2, 0, 50)], [one])(one)).toBe('on');
  expect(firedTimers([rise('TCPTimeouts', 1, 0, 50)], [one, again(20)])(one)).toBeUndefined();
});

test('both kinds at once, too many or too few, another host and no reading decide nothing', () => {
  const one = again(10);
  const undecided = [
    [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 1, 0, 50)],
    [rise('TCPLossProbes', 2, 0, 50)],
    [rise('TCPLossProbes', 1, 0, 50, 'server')],
    [rise('RetransSegs', 1, 0, 50)],
    [rise('TCPLossProbes', 1, 20, 50)],
    // At the edge of two readings it may have been counted by either: they contradict each other.
    [rise('TCPLossProbes', 1, 0, 12), rise('TCPTimeouts', 1, 8, 50)],
  ];
  for (const rises of undecided) expect(firedTimers(rises, [one])(one)).toBeUndefined();
  expect(firedTimers([rise('TCPLossProbes', 1, 0, 50)], [one, again(20)])(one)).toBeUndefined();
});
