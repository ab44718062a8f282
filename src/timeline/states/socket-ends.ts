// Why a socket was closed: a reset, the last ACK, a call, the end of a process, or a timer that ran out.
import { arrivalOf } from '../causes/causes.ts';
import type { Link } from '../draft.ts';
import { has } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { byProgram, closedInSpan, listenerClosed } from './closers.ts';
import {
  acknowledgesFin,
  arrived,
  type Span,
  type StateCause,
  type StateContext,
  sentInSpan,
  unknown,
} from './state-surroundings.ts';
import type { StateDraft } from './states.ts';

/** To CLOSED: a reset or the last ACK arrived, a reset was sent, a call or a process's end, or a timer that ran out. */
export const causeOfEnd = (draft: StateDraft, span: Span, context: StateContext): StateCause => {
  const { event } = draft;
  // A handshake that is not complete ends by any reset within the window (tcp_check_req()).
  const isObeyed = (one: SegmentDraft) =>
    span.arrivals(one).isReset || (event.from === 'SYN-RECEIVED' && has(one.event, 'R') && span.arrivals(one).isTaken);
  const reset = arrived(span.received.find(isObeyed));
  // With a reset of its own, that acknowledges, a socket is over (tcp_send_active_reset()); without one answers a SYN.
  const aborting = sentInSpan(span, (one) => has(one, 'R') && has(one, '.') && one.absolute.seq !== 0);
  if (aborting && (aborting.at ?? 0) < (reset?.at ?? Number.POSITIVE_INFINITY)) return aborting;
  if (reset) return reset;
  const lastAck =
    event.from === 'TIME-WAIT' || !span.finReceived ? undefined : arrived(span.received.find(acknowledgesFin(span)));
  if (lastAck) return lastAck;
  const reuse = event.from === 'TIME-WAIT' ? usedAgain(draft, context) : undefined;
  if (reuse) return reuse;
  const aborted = sentInSpan(span, (one) => has(one, 'R'));
  if (aborted) return aborted;
  const closed = event.from === 'TIME-WAIT' ? undefined : closedInSpan(draft, context);
  if (closed && !hasDoneItsWork(closed, span, event.between[0])) return closed;
  const expired = expiredTimer(draft, context);
  if (expired) return { cause: expired };
  // An orphan is to wait for the other's FIN as a socket in TIME-WAIT waits: where there is no room for one, it is over
  // with the ACK of its own. When else it may have ended nobody saw.
  const orphaned = event.from === 'FIN-WAIT-2' ? arrived(span.received.find(acknowledgesFin(span))) : undefined;
  if (orphaned) return { cause: orphaned.cause };
  const withListener = event.from === 'SYN-RECEIVED' ? listenerClosed(draft, context) : undefined;
  return withListener ?? (event.from === 'TIME-WAIT' ? unknown : byProgram(draft, context));
};

/**
 * A call that sent the FIN before the span began, though it returned later, made the change that the FIN stands for and
 * no other.
 */
const hasDoneItsWork = ({ cause }: StateCause, { fin }: Span, from: number): boolean =>
  cause.kind === 'call' && fin?.cause?.kind === 'call' && fin.cause.of === cause.of && fin.event.at < from;

/**
 * The timer of the last row, where it can have run out by the end of the span. A socket that gives up because of one is counted
 * (tcp_write_err()); those that only wait for a FIN, for TIME-WAIT to pass or for the handshake's last ACK end without a word.
 */
const expiredTimer = ({ event, rowBefore }: StateDraft, { counted }: StateContext): Link | undefined => {
  const timer = rowBefore?.timer;
  if (!timer || timer.name === 'unknown') return undefined;
  const isCounted = !['FIN-WAIT-2', 'TIME-WAIT', 'SYN-RECEIVED'].includes(event.from);
  const isNone = (name: string) => counted.rise(event.host, name, ...event.between) === 0;
  if (isCounted && isNone('TcpExt.TCPAbortOnTimeout') && isNone('TcpExt.TCPAbortOnMemory')) return undefined;
  // The row was read after the span began; from ten seconds on ss gives whole seconds, and always whole jiffies.
  const rounding = timer.expiresMs >= 10_000 ? 1e9 : 10e6;
  if (event.between[0] + timer.expiresMs * 1e6 - rounding > event.between[1]) return undefined;
  return { kind: 'timer', timer: timer.name, ...(event.before && { sample: event.before }) };
};

/** RFC 9293, section 3.6.1: a new connection on the pair may end TIME-WAIT before its time. */
const usedAgain = ({ event }: StateDraft, { connections, index, traffic }: StateContext): StateCause | undefined => {
  const { host, connection, between } = event;
  const own = connection === undefined ? undefined : connections[connection];
  const next = own && index.next(own);
  if (!next) return undefined;
  const { received, sent } = traffic(host, next.number);
  const [from, to] = between;
  const isSyn = ({ event: one }: SegmentDraft) => has(one, 'S') && !has(one, '.');
  const syn = received.find((one) => isSyn(one) && arrivalOf(one) >= from && arrivalOf(one) <= to);
  if (syn) return arrived(syn);
  const opened = sent.find((one) => isSyn(one) && one.event.at >= from && one.event.at <= to);
  return opened?.cause && { cause: opened.cause, at: opened.event.at };
};
