// What the kernel's own counters say of the timer behind a retransmission: TCPTimeouts counts timeouts, TCPLossProbes tail loss probes
// (tcp_retransmit_timer and tcp_send_loss_probe in net/ipv4). They count for the host, so they decide where only one of them fired, and for each segment.
import type { CounterEvent, HostName } from './schema.ts';
import type { SegmentDraft } from './segments.ts';

/** The timer that sent a segment again; undefined where the counters do not decide. */
export type FiredTimers = (draft: SegmentDraft) => 'on' | 'tail-loss-probe' | undefined;

/** Roles are known. `rises` are those of both hosts, in any order. */
export const firedTimers = (rises: readonly CounterEvent[], segments: readonly SegmentDraft[]): FiredTimers => {
  const spans = { client: spansOf('client', rises), server: spansOf('server', rises) };
  const again = (host: HostName, [from, to]: Span['between']) =>
    segments.filter(
      ({ event: { role, origin, from: sender, at } }) =>
        role === 'retransmission' && origin === 'host' && sender === host && at >= from && at <= to,
    ).length;
  const timerOf = (host: HostName, { between, probes, timeouts }: Span) => {
    const sent = again(host, between);
    // The last timeout gives up, and sends nothing.
    if (probes === 0) return timeouts >= sent ? ('on' as const) : undefined;
    return timeouts === 0 && probes === sent ? ('tail-loss-probe' as const) : undefined;
  };
  return ({ event: { from: host, at } }) => {
    const covering = spans[host].filter(({ between: [from, to] }) => at >= from && at <= to);
    const timers = new Set(covering.map((span) => timerOf(host, span)));
    return timers.size === 1 ? [...timers][0] : undefined;
  };
};

/** Between two readings, how often each timer fired; only where one did. */
type Span = { between: [number, number]; probes: number; timeouts: number };

const spansOf = (host: HostName, rises: readonly CounterEvent[]): Span[] => {
  const spans = new Map<string, Span>();
  for (const { host: own, name, by, between } of rises) {
    if (own !== host || (name !== probesName && name !== timeoutsName)) continue;
    const span = spans.get(String(between)) ?? { between, probes: 0, timeouts: 0 };
    if (name === probesName) span.probes += by;
    else span.timeouts += by;
    spans.set(String(between), span);
  }
  return [...spans.values()];
};

const probesName = 'TcpExt.TCPLossProbes';
const timeoutsName = 'TcpExt.TCPTimeouts';
