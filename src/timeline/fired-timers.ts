// What the kernel's own counters say of the timer behind a retransmission: TCPTimeouts counts timeouts, TCPLossProbes tail loss probes
// (tcp_retransmit_timer and tcp_send_loss_probe in net/ipv4). They count for the host, so they decide where only one of them fired, and for each segment.
import type { CounterEvent, HostName } from './schema.ts';
import type { SegmentDraft } from './segments.ts';

export type FiredTimers = {
  /** The timer that sent a segment again; undefined where the counters do not decide. */
  again(draft: SegmentDraft): 'on' | 'tail-loss-probe' | undefined;
  /** Whether new data were a tail loss probe: as many of them were sent without a call or an arrival as there were probes more than retransmissions. */
  isProbeOfNewData(draft: SegmentDraft): boolean;
  /** Whether the delayed-ACK timer sent an ACK: as many were sent that were no immediate answer as the counter rose by. */
  isDelayedAck(draft: SegmentDraft): boolean;
};

export type Possible = {
  /** New data and ACKs that a timer may have sent. */
  isForTimer(draft: SegmentDraft): boolean;
  /** A retransmission that may be a tail loss probe: the first since something arrived, and no SYN. */
  isFirst(draft: SegmentDraft): boolean;
};

/** Roles are known. `rises` are those of both hosts, in any order. */
export const firedTimers = (
  rises: readonly CounterEvent[],
  segments: readonly SegmentDraft[],
  { isForTimer, isFirst }: Possible,
): FiredTimers => {
  const spans = { client: spansOf('client', rises), server: spansOf('server', rises) };
  const sent = (host: HostName, [from, to]: Span['between'], which: (draft: SegmentDraft) => boolean) =>
    segments.filter((draft) => {
      const { origin, from: sender, at } = draft.event;
      return origin === 'host' && sender === host && at >= from && at <= to && which(draft);
    }).length;
  const isCopy = ({ event }: SegmentDraft) => event.role === 'retransmission';
  const isNewData = (one: SegmentDraft) => one.event.length > 0 && isForTimer(one);
  const timerOf = (draft: SegmentDraft, { between, probes, timeouts }: Span) => {
    const { from: host } = draft.event;
    const copies = sent(host, between, isCopy);
    // The last timeout gives up, and sends nothing.
    if (probes === 0) return timeouts >= copies ? ('on' as const) : undefined;
    if (timeouts === 0) return probes === copies ? ('tail-loss-probe' as const) : undefined;
    // Both: decided where they sent the copies and nothing else, and as many of these can be probes as there were.
    const able = sent(host, between, (one) => isCopy(one) && isFirst(one));
    if (copies !== probes + timeouts || probes !== able) return undefined;
    return isFirst(draft) ? ('tail-loss-probe' as const) : ('on' as const);
  };
  const covering = ({ event: { from: host, at } }: SegmentDraft) =>
    spans[host].filter(({ between: [from, to] }) => at >= from && at <= to);
  return {
    again: (draft) => {
      const timers = new Set(
        covering(draft)
          .filter(({ probes, timeouts }) => probes + timeouts > 0)
          .map((span) => timerOf(draft, span)),
      );
      return timers.size === 1 ? [...timers][0] : undefined;
    },
    isProbeOfNewData: (draft) =>
      covering(draft).some(({ between, probes }) => {
        const { from: host } = draft.event;
        return probes > 0 && probes === sent(host, between, isCopy) + sent(host, between, isNewData);
      }),
    isDelayedAck: (draft) =>
      covering(draft).some(({ between, delayed }) => {
        const isAck = (one: SegmentDraft) => one.event.length === 0 && isForTimer(one);
        return delayed > 0 && delayed === sent(draft.event.from, between, isAck);
      }),
  };
};

/** Between two readings, how often each timer fired; only where one did. */
type Span = { between: [number, number]; probes: number; timeouts: number; delayed: number };

const spansOf = (host: HostName, rises: readonly CounterEvent[]): Span[] => {
  const spans = new Map<string, Span>();
  for (const { host: own, name, by, between } of rises) {
    const timer = counters[name];
    if (own !== host || timer === undefined) continue;
    const span = spans.get(String(between)) ?? { between, probes: 0, timeouts: 0, delayed: 0 };
    span[timer] += by;
    spans.set(String(between), span);
  }
  return [...spans.values()];
};

const counters: Record<string, 'probes' | 'timeouts' | 'delayed'> = {
  'TcpExt.TCPLossProbes': 'probes',
  'TcpExt.TCPTimeouts': 'timeouts',
  'TcpExt.DelayedACKs': 'delayed',
};
