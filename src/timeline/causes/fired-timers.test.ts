import { expect, test } from 'vitest';
import type { CounterEvent } from '../schema.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { firedTimers } from './fired-timers.ts';

const rise = (name: string, by: number, from: number, to: number, host: 'client' | 'server' = 'client') =>
  ({ kind: 'counter', host, name: `TcpExt.${name}`, by, between: [from, to] }) as CounterEvent;
const again = (at: number, from: 'client' | 'server' = 'client') =>
  ({ event: { kind: 'segment', role: 'retransmission', origin: 'host', from, at } }) as SegmentDraft;
const never = { isForTimer: () => false, isAnswer: () => false, isFirst: () => false, isLateAck: () => false };
const unread = { rise: () => undefined };

test('as many timeouts as retransmissions are timeouts, as many probes are probes', () => {
  const [first, second, third] = [again(10), again(110), again(120)];
  const { again: timerOf } = firedTimers(
    [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 2, 100, 150)],
    unread,
    [first, second, third],
    never,
  );
  expect([first, second, third].map(timerOf)).toEqual(['tail-loss-probe', 'on', 'on']);
});

test('the last timeout gives up and sends nothing: what was sent before it was sent by a timeout all the same', () => {
  const one = again(10);
  expect(firedTimers([rise('TCPTimeouts', 2, 0, 50)], unread, [one], never).again(one)).toBe('on');
  expect(firedTimers([rise('TCPTimeouts', 1, 0, 50)], unread, [one, again(20)], never).again(one)).toBeUndefined();
});

test('both kinds at once, too many or too few, another host and no reading decide nothing', () => {
  const one = again(10);
  const undecided = [
    [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 1, 0, 50)],
    [rise('TCPLossProbes', 2, 0, 50)],
    [rise('TCPLossProbes', 1, 0, 50, 'server')],
    [rise('RetransSegs', 1, 0, 50)],
    [rise('TCPFastRetrans', 1, 0, 50), rise('TCPTimeouts', 1, 0, 50)],
    [rise('TCPLossProbes', 1, 20, 50)],
    // At the edge of two readings it may have been counted by either: they contradict each other.
    [rise('TCPLossProbes', 1, 0, 12), rise('TCPTimeouts', 1, 8, 50)],
  ];
  for (const rises of undecided) expect(firedTimers(rises, unread, [one], never).again(one)).toBeUndefined();
  expect(firedTimers([rise('TCPLossProbes', 1, 0, 50)], unread, [one, again(20)], never).again(one)).toBeUndefined();
});

const sent = (at: number, length: number) =>
  ({ event: { kind: 'segment', flags: '.', length, origin: 'host', from: 'client', at } }) as SegmentDraft;
const always = { ...never, isForTimer: () => true, isFirst: () => true };

test('new data are the tail loss probe where there were more probes than retransmissions, by as many as such data', () => {
  const data = sent(20, 100);
  const rises = [rise('TCPLossProbes', 2, 0, 50)];
  expect(firedTimers(rises, unread, [again(10), data], always).isProbeOfNewData(data)).toBe(true);
  expect(firedTimers(rises, unread, [data], always).isProbeOfNewData(data)).toBe(false);
  expect(firedTimers(rises, unread, [again(10), data, sent(30, 100)], always).isProbeOfNewData(data)).toBe(false);
});

test('an ACK is of the delayed-ACK timer where as many were no immediate answer as the counter rose by', () => {
  const ack = sent(20, 0);
  const rises = [rise('DelayedACKs', 1, 0, 50)];
  expect(firedTimers(rises, unread, [ack, sent(30, 100)], always).isDelayedAck(ack)).toBe(true);
  expect(firedTimers(rises, unread, [ack, sent(30, 0)], always).isDelayedAck(ack)).toBeUndefined();
  expect(firedTimers([rise('TCPLossProbes', 1, 0, 50)], unread, [ack], always).isDelayedAck(ack)).toBeUndefined();
});

test('of both kinds at once the probes are those copies that can be one, where there are as many', () => {
  const [first, second, third] = [again(10), again(20), again(30)];
  const possible = { ...never, isFirst: (one: SegmentDraft) => one === first };
  const timersOf = (rises: CounterEvent[], which = possible) =>
    [first, second, third].map(firedTimers(rises, unread, [first, second, third], which).again);
  const one = [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 2, 0, 50)];
  expect(timersOf(one)).toEqual(['tail-loss-probe', 'on', 'on']);
  const undecided = [undefined, undefined, undefined];
  expect(timersOf([rise('TCPLossProbes', 2, 0, 50), rise('TCPTimeouts', 1, 0, 50)])).toEqual(undecided);
  for (const timeouts of [1, 3]) // one more gives up and sends nothing, or a probe has sent new data
    expect(timersOf([rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', timeouts, 0, 50)])).toEqual(undecided);
  expect(timersOf(one, { ...possible, isFirst: (copy) => copy !== third })).toEqual(undecided);
});

test('a counter that was read and did not rise rules its timer out', () => {
  const none = firedTimers([], { rise: () => 0 }, [again(10)], never);
  expect([none.isRuledOut('on', again(10)), none.isRuledOut('tail-loss-probe', again(10))]).toEqual([true, true]);
  expect(none.isDelayedAck(sent(10, 0))).toBe(false);
  const rose = firedTimers([], { rise: () => 1 }, [again(10)], never);
  expect(rose.isRuledOut('tail-loss-probe', again(10))).toBe(false);
  expect(firedTimers([], unread, [again(10)], never).isRuledOut('on', again(10))).toBe(false);
});

test('of ACKs that were no immediate answer the late ones are the timer’s, where they are as many as it sent', () => {
  const [early, late] = [sent(20, 0), sent(30, 0)];
  const possible = { ...always, isLateAck: (one: SegmentDraft) => one === late };
  const rises = [rise('DelayedACKs', 1, 0, 50)];
  const { isDelayedAck } = firedTimers(rises, { rise: () => 1 }, [early, late], possible);
  expect([early, late].map(isDelayedAck)).toEqual([undefined, true]);
});

test('the last timeout gives up and sends nothing beside a probe as well', () => {
  const [first, second] = [again(10), again(20)];
  const possible = { ...never, isFirst: (one: SegmentDraft) => one === first };
  const counts = [rise('TCPLossProbes', 1, 0, 50), rise('TCPTimeouts', 2, 0, 50)];
  const { again: timerOf } = firedTimers(
    [...counts, rise('TCPAbortOnTimeout', 1, 0, 50)],
    unread,
    [first, second],
    possible,
  );
  expect([first, second].map(timerOf)).toEqual(['tail-loss-probe', 'on']);
  expect(firedTimers(counts, unread, [first, second], possible).again(first)).toBeUndefined();
});

test('what an arrival brought about is no copy of a timer’s', () => {
  const [fast, late] = [{ ...again(10), event: { ...again(10).event, flags: '.' } } as SegmentDraft, again(30)];
  const possible = { ...never, isAnswer: (one: SegmentDraft) => one === fast };
  const counts = [rise('TCPFastRetrans', 1, 0, 50), rise('TCPTimeouts', 1, 0, 50)];
  expect(firedTimers(counts, unread, [fast, late], possible).again(late)).toBe('on');
});

test('what was sent again as lost, and neither by a timeout, a probe nor an arrival, the timer for reordering sent', () => {
  const one = again(10);
  const timerOf = (rises: CounterEvent[], segments = [one]) => firedTimers(rises, unread, segments, never).again(one);
  expect(timerOf([rise('TCPFastRetrans', 1, 0, 50)])).toBe('reordering');
  expect(timerOf([rise('TCPSlowStartRetrans', 1, 0, 50)])).toBe('reordering');
  expect(timerOf([rise('TCPFastRetrans', 1, 0, 50)], [one, again(20)])).toBeUndefined();
  expect(timerOf([rise('TCPFastRetrans', 2, 0, 50), rise('TCPLossProbes', 1, 0, 50)])).toBeUndefined();
});
