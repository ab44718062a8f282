import { expect, test } from 'vitest';
import { firedTimers } from './fired-timers.ts';
import type { CounterEvent } from './schema.ts';
import type { SegmentDraft } from './segments.ts';

const rise = (name: string, by: number, from: number, to: number, host: 'client' | 'server' = 'client') =>
  ({ kind: 'counter', host, name: `TcpExt.${name}`, by, between: [from, to] }) as CounterEvent;
const again = (at: number, from: 'client' | 'server' = 'client') =>
  ({ event: { kind: 'segment', role: 'retransmission', origin: 'host', from, at } }) as SegmentDraft;
const never = { isForTimer: () => false, isFirst: () => false };

test('as many timeouts as retransmissions are timeouts, as many probes are probes', () => {
  const [first, second, third] = [again(10), again(110), again(120)];
  const { again: timerOf } = firedTimers(
    [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 2, 100, 150)],
    [first, second, third],
    never,
  );
  expect([first, second, third].map(timerOf)).toEqual(['tail-loss-probe', 'on', 'on']);
});

test('the last timeout gives up and sends nothing: what was sent before it was sent by a timeout all the same', () => {
  const one = again(10);
  expect(firedTimers([rise('TCPTimeouts', 2, 0, 50)], [one], never).again(one)).toBe('on');
  expect(firedTimers([rise('TCPTimeouts', 1, 0, 50)], [one, again(20)], never).again(one)).toBeUndefined();
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
  for (const rises of undecided) expect(firedTimers(rises, [one], never).again(one)).toBeUndefined();
  expect(firedTimers([rise('TCPLossProbes', 1, 0, 50)], [one, again(20)], never).again(one)).toBeUndefined();
});

const sent = (at: number, length: number) =>
  ({ event: { kind: 'segment', flags: '.', length, origin: 'host', from: 'client', at } }) as SegmentDraft;
const always = { isForTimer: () => true, isFirst: () => true };

test('new data are the tail loss probe where there were more probes than retransmissions, by as many as such data', () => {
  const data = sent(20, 100);
  const rises = [rise('TCPLossProbes', 2, 0, 50)];
  expect(firedTimers(rises, [again(10), data], always).isProbeOfNewData(data)).toBe(true);
  expect(firedTimers(rises, [data], always).isProbeOfNewData(data)).toBe(false);
  expect(firedTimers(rises, [again(10), data, sent(30, 100)], always).isProbeOfNewData(data)).toBe(false);
});

test('an ACK is of the delayed-ACK timer where as many were no immediate answer as the counter rose by', () => {
  const ack = sent(20, 0);
  const rises = [rise('DelayedACKs', 1, 0, 50)];
  expect(firedTimers(rises, [ack, sent(30, 100)], always).isDelayedAck(ack)).toBe(true);
  expect(firedTimers(rises, [ack, sent(30, 0)], always).isDelayedAck(ack)).toBe(false);
  expect(firedTimers([rise('TCPLossProbes', 1, 0, 50)], [ack], always).isDelayedAck(ack)).toBe(false);
});

test('of both kinds at once the probes are those copies that can be one, where there are as many', () => {
  const [first, second, third] = [again(10), again(20), again(30)];
  const possible = { isForTimer: () => false, isFirst: (one: SegmentDraft) => one === first };
  const timersOf = (rises: CounterEvent[], which = possible) =>
    [first, second, third].map(firedTimers(rises, [first, second, third], which).again);
  const one = [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 2, 0, 50)];
  expect(timersOf(one)).toEqual(['tail-loss-probe', 'on', 'on']);
  const undecided = [undefined, undefined, undefined];
  expect(timersOf([rise('TCPLossProbes', 2, 0, 50), rise('TCPTimeouts', 1, 0, 50)])).toEqual(undecided);
  for (const timeouts of [1, 3]) // one more gives up and sends nothing, or a probe has sent new data
    expect(timersOf([rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', timeouts, 0, 50)])).toEqual(undecided);
  expect(timersOf(one, { ...possible, isFirst: (copy) => copy !== third })).toEqual(undecided);
});
