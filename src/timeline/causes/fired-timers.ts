// What the kernel's own counters say of the timer behind a retransmission: TCPTimeouts counts timeouts, TCPLossProbes
// tail loss probes, and TCPFastRetrans and TCPSlowStartRetrans what was sent again as lost, at an arrival or by the
// timer for reordering (tcp_retransmit_timer(), tcp_send_loss_probe() and tcp_xmit_retransmit_queue() in net/ipv4).
// They count for the host, so they decide where only one of them fired, and for each segment.

import { type HostName, perHost } from '../../record/hosts.ts';
import type { Counted } from '../reading/counted.ts';
import type { CounterEvent } from '../schema.ts';
import { within } from '../search.ts';
import type { SegmentDraft } from '../segments/segments.ts';

export type RetransmissionTimer = 'on' | 'tail-loss-probe' | 'reordering';

export type FiredTimers = {
  /** The timer that sent a segment again, where no arrival did; undefined where the counters do not decide. */
  again(draft: SegmentDraft): RetransmissionTimer | undefined;
  /**
   * Whether new data were a tail loss probe: as many of them were sent without a call or an arrival as there were
   * probes more than retransmissions.
   */
  isProbeOfNewData(draft: SegmentDraft): boolean;
  /** Whether one of some segments with new data was a tail loss probe, this one among them. */
  mayBeProbeOfNewData(draft: SegmentDraft): boolean;
  /**
   * Whether the delayed-ACK timer sent an ACK: it did where the counter rose by as many as were no immediate answer, or
   * by no fewer than came late enough for the timer; it did not where the counter did not rise. Undefined where nothing
   * decides.
   */
  isDelayedAck(draft: SegmentDraft): boolean | undefined;
  /** Whether more was sent again as lost than arrivals let go at once: this segment may be one of them. */
  mayBeFast(draft: SegmentDraft): boolean;
  /** Whether the counters, read before and after, rule out that a tail loss probe, or a timeout, sent a segment. */
  isRuledOut(timer: 'on' | 'tail-loss-probe', draft: SegmentDraft): boolean;
};

export type Possible = {
  /** New data and ACKs that a timer may have sent. */
  isForTimer(draft: SegmentDraft): boolean;
  /** Whether a segment was sent while the kernel processed an arrival. */
  isAnswer(draft: SegmentDraft): boolean;
  /** A retransmission that may be a tail loss probe: the first since something arrived, and no SYN. */
  isFirst(draft: SegmentDraft): boolean;
  /** An ACK that came as late as the delayed-ACK timer sends one. */
  isLateAck(draft: SegmentDraft): boolean;
};

/** Roles are known. `rises` are those of all hosts, in any order; `segments` are sorted by time. */
export const firedTimers = (
  rises: readonly CounterEvent[],
  counted: Counted,
  segments: readonly SegmentDraft[],
  { isForTimer, isAnswer, isFirst, isLateAck }: Possible,
): FiredTimers => {
  const spans = perHost((host) => spansOf(host, rises));
  const countsOf = once(({ host, between: [from, to] }: Span) => {
    const sent = within(segments, from, to, ({ event }) => event.at).filter(
      ({ event }) => event.origin === 'host' && event.from === host,
    );
    const again = sent.filter(({ event }) => event.role === 'retransmission');
    const copies = again.filter((draft) => !isAnswer(draft));
    const others = sent.filter(isForTimer);
    return {
      copies: copies.length,
      // A SYN-ACK that answers a SYN which came again is counted elsewhere.
      answers: again.filter((draft) => isAnswer(draft) && !draft.event.flags.includes('S')).length,
      firstCopies: copies.filter(isFirst).length,
      newData: others.filter(({ event }) => event.length > 0).length,
      acks: others.filter(({ event }) => event.length === 0).length,
      lateAcks: sent.filter(isLateAck).length,
    };
  });
  const timerOf = (draft: SegmentDraft, span: Span) => {
    const { probes, timeouts, fast } = span;
    const { copies, answers, firstCopies } = countsOf(span);
    if (probes + timeouts === 0) return fast === copies + answers ? ('reordering' as const) : undefined;
    if (fast > answers) return undefined;
    // The last timeout gives up, and sends nothing.
    if (probes === 0) return timeouts >= copies ? ('on' as const) : undefined;
    if (timeouts === 0) return probes === copies ? ('tail-loss-probe' as const) : undefined;
    // Both: decided where they sent the copies and nothing else, and as many of these can be probes as there were; the
    // last timeout that gives up sends nothing here either.
    const silent = Math.min(1, span.givenUp);
    if (copies !== probes + timeouts - silent || probes !== firstCopies) return undefined;
    return isFirst(draft) ? ('tail-loss-probe' as const) : ('on' as const);
  };
  /** Two readings may overlap: what was sent in both is counted once, in one or the other. */
  const areAllLate = (host: HostName, [first]: Span[]): boolean => {
    if (!first) return false;
    const touching = spans[host].filter(
      ({ between: [from, to] }) => from <= first.between[1] && to >= first.between[0],
    );
    const edges = touching.flatMap(({ between }) => between);
    const between: [number, number] = [Math.min(...edges), Math.max(...edges)];
    const delayed = touching.reduce((sum, span) => sum + span.delayed, 0);
    return delayed >= countsOf({ ...first, between }).lateAcks;
  };
  const covering = ({ event: { from: host, at } }: SegmentDraft) =>
    spans[host].filter(({ between: [from, to] }) => at >= from && at <= to);
  return {
    again: (draft) => {
      const timers = new Set(
        covering(draft)
          .filter(({ probes, timeouts, fast }) => probes + timeouts + fast > 0)
          .map((span) => timerOf(draft, span)),
      );
      return timers.size === 1 ? [...timers][0] : undefined;
    },
    isProbeOfNewData: (draft) =>
      isForTimer(draft) &&
      covering(draft).some((span) => {
        if (span.probes === 0) return false;
        const { copies, newData } = countsOf(span);
        return span.probes === copies + newData;
      }),
    mayBeProbeOfNewData: (draft) =>
      isForTimer(draft) && covering(draft).some((span) => span.probes > countsOf(span).copies),
    isDelayedAck: (draft) => {
      const { from, at } = draft.event;
      if (counted.rise(from, 'TcpExt.DelayedACKs', at) === 0) return false;
      const isAllOfThem = covering(draft).some((span) => {
        const { acks, lateAcks } = countsOf(span);
        return span.delayed > 0 && (span.delayed === acks || (span.delayed >= lateAcks && isLateAck(draft)));
      });
      return isAllOfThem || (isLateAck(draft) && areAllLate(from, covering(draft))) || undefined;
    },
    mayBeFast: (draft) => covering(draft).some((span) => span.fast > countsOf(span).answers),
    isRuledOut: (timer, { event: { from, at } }) =>
      counted.rise(from, timer === 'on' ? 'TcpExt.TCPTimeouts' : 'TcpExt.TCPLossProbes', at) === 0,
  };
};

/** What is computed from something is computed once. */
const once = <K extends object, V>(compute: (key: K) => V): ((key: K) => V) => {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
};

/** Between two readings, how often each timer fired; only where one did. */
type Span = {
  host: HostName;
  between: [number, number];
  probes: number;
  timeouts: number;
  fast: number;
  delayed: number;
  givenUp: number;
};

const spansOf = (host: HostName, rises: readonly CounterEvent[]): Span[] => {
  const spans = new Map<string, Span>();
  for (const { host: own, name, by, between } of rises) {
    const timer = counters[name];
    if (own !== host || timer === undefined) continue;
    const span = spans.get(String(between)) ?? {
      host,
      between,
      probes: 0,
      timeouts: 0,
      fast: 0,
      delayed: 0,
      givenUp: 0,
    };
    span[timer] += by;
    spans.set(String(between), span);
  }
  return [...spans.values()];
};

const counters: Record<string, 'probes' | 'timeouts' | 'fast' | 'delayed' | 'givenUp'> = {
  'TcpExt.TCPAbortOnTimeout': 'givenUp',
  'TcpExt.TCPLossProbes': 'probes',
  'TcpExt.TCPTimeouts': 'timeouts',
  'TcpExt.TCPFastRetrans': 'fast',
  'TcpExt.TCPSlowStartRetrans': 'fast',
  'TcpExt.DelayedACKs': 'delayed',
};
