// Why a socket changed its state (RFC 9293, section 3.3.2 and its figure 5): the arrival or the call that the new state stands for.

import type { HostName } from '../record/hosts.ts';
import type { CallDraft, ProcessDraft } from './api-events.ts';
import type { Arrivals } from './arrivals.ts';
import type { CallIndex, Found } from './calls.ts';
import { arrivalOf } from './causes.ts';
import type { ConnectionIndex } from './connection-index.ts';
import type { Counted } from './counted.ts';
import type { Draft, Link } from './draft.ts';
import type { Holders } from './holders.ts';
import type { ProcessEnds } from './process-ends.ts';
import { endOf, has } from './roles.ts';
import type { Connection, EmitEvent, SegmentEvent } from './schema.ts';
import { countAtOrBefore, within } from './search.ts';
import type { SegmentDraft } from './segments.ts';
import type { StateDraft } from './states.ts';

/** What one host sent on a connection, and received on its pair of endpoints, in order of time. Causes of what it sent are known. */
export type Traffic = {
  received: SegmentDraft[];
  sent: SegmentDraft[];
  /** What each arrival was to the socket. */
  arrivals: Arrivals;
};

export type StateContext = {
  calls: CallIndex;
  holders: Holders;
  ends: ProcessEnds;
  connections: Connection[];
  index: ConnectionIndex;
  counted: Counted;
  traffic(host: HostName, connection: number): Traffic;
  /** What Node emitted, in order of time. */
  emits: Draft<EmitEvent>[];
};

/** A cause, and the moment it pins the change to, where it does. */
export type StateCause = { cause: Link; at?: number };

/** The cause of one change of state. */
export const causeOfState = (draft: StateDraft, context: StateContext): StateCause => {
  const { event } = draft;
  if (event.to === 'LISTEN' || event.from === 'LISTEN') return causeOfListener(draft, context);
  const span = spanOf(draft, context);
  switch (event.to) {
    case 'SYN-SENT':
      return sentInSpan(span, (one) => has(one, 'S')) ?? connected(draft, context) ?? byProgram(draft, context);
    case 'SYN-RECEIVED':
      return arrived(span.received.findLast(({ event: one }) => has(one, 'S'))) ?? unknown;
    case 'ESTABLISHED':
      return arrived(opening(draft, span, context)) ?? unknown;
    case 'CLOSE-WAIT':
    case 'CLOSING':
      return arrived(finTaken(span)) ?? unknown;
    case 'FIN-WAIT-2':
      return arrived(span.received.find(acknowledgesFin(span))) ?? unknown;
    case 'TIME-WAIT':
      return arrived(completesClose(span, event.from)) ?? unknown;
    case 'FIN-WAIT-1':
    case 'LAST-ACK':
      return closedBySending(span) ?? closedInSpan(draft, context) ?? byProgram(draft, context);
    default:
      return causeOfEnd(draft, span, context);
  }
};

type Span = Traffic & {
  connection?: number;
  isOpener: boolean;
  /** The other's FIN had arrived, and all before it, by the end of the span. */
  finReceived: boolean;
  /** The host's own FIN, and the sequence number after it. */
  fin: SegmentDraft | undefined;
  afterFin: number | undefined;
};

const unknown: StateCause = { cause: { kind: 'unknown' } };

/** What the host received and sent between the two samples that bound the change. */
const spanOf = ({ event }: StateDraft, { traffic, connections }: StateContext): Span => {
  const { host, connection, between } = event;
  if (connection === undefined)
    return { ...noTraffic, isOpener: false, finReceived: false, fin: undefined, afterFin: undefined };
  const all = traffic(host, connection);
  const [from, to] = between;
  const sent = within(all.sent, from, to, ({ event: { at } }) => at);
  const fin = all.sent.find(({ event: one }) => has(one, 'F'));
  return {
    connection,
    received: within(all.received, from, to, arrivalOf),
    sent,
    arrivals: all.arrivals,
    isOpener: connections[connection]?.opener === host,
    finReceived: all.received.some((draft) => all.arrivals(draft).completesFin && arrivalOf(draft) <= to),
    fin,
    afterFin: fin && endOf(fin.event),
  };
};

const arrived = (draft: SegmentDraft | undefined): StateCause | undefined =>
  draft && { cause: { kind: 'segment', of: draft }, at: arrivalOf(draft) };

const noTraffic: Traffic = {
  received: [],
  sent: [],
  arrivals: () => ({ isTaken: false, completesFin: false, isReset: false }),
};

/** The other's FIN counts when all before it has come (RFC 9293, section 3.10.7.4). */
const completesFin =
  ({ arrivals }: Span) =>
  (draft: SegmentDraft): boolean =>
    arrivals(draft).completesFin;

/**
 * Of several that can have been it, the last: the kernel has dropped the others, for one that it takes it acknowledges before the peer sends again.
 * What came again at once is a copy.
 */
const finTaken = (span: Span): SegmentDraft | undefined => {
  const able = span.received.filter(completesFin(span));
  const last = able.at(-1);
  return last && able.find((one) => arrivalOf(last) - arrivalOf(one) < soonestRetransmission);
};

/** TCP_RTO_MIN is 200 ms (include/net/tcp.h; ns). */
const soonestRetransmission = 200e6;

/** A segment the host sent in the span shows the change: its cause is the change's cause, its time the change's time. */
const sentInSpan = ({ sent }: Span, shows: (event: SegmentEvent) => boolean): StateCause | undefined => {
  const draft =
    sent.find(({ event }) => event.role === undefined && shows(event)) ?? sent.find(({ event }) => shows(event));
  return draft?.cause && { cause: draft.cause, at: draft.event.at };
};

/** What ends the handshake. It takes the other's SYN as well, but for a listener, and for a simultaneous open, whose SYN-RECEIVED has it already. */
const opening = ({ event }: StateDraft, span: Span, { counted }: StateContext): SegmentDraft | undefined => {
  const lacksSyn = span.isOpener && event.from !== 'SYN-RECEIVED';
  const able = span.received.filter(
    (draft) => span.arrivals(draft).isTaken && has(draft.event, '.') && (has(draft.event, 'S') || !lacksSyn),
  );
  if (lacksSyn) return able[0];
  // A listener that puts an ACK off, or has no room, drops it and counts that: which of several it took then nobody has seen.
  const [first, ...more] = able;
  const rose = (name: string) => first !== undefined && counted.rise(event.host, name, arrivalOf(first)) !== 0;
  const waitsForData = rose('TcpExt.TCPDeferAcceptDrop');
  if (more.length > 0 && waitsForData) return able.find(({ event: one }) => one.length > 0 || has(one, 'F'));
  return more.length > 0 && event.unseen && rose('TcpExt.ListenOverflows') ? undefined : first;
};

/** A FIN that a timer sent had been waiting: whatever closed the socket did so before. */
const closedBySending = (span: Span): StateCause | undefined => {
  const found = sentInSpan(span, (one) => has(one, 'F'));
  return found?.cause.kind === 'timer' ? undefined : found;
};

const acknowledgesFin =
  ({ connection, afterFin, arrivals }: Span) =>
  (draft: SegmentDraft): boolean =>
    draft.event.connection === connection &&
    arrivals(draft).isTaken &&
    has(draft.event, '.') &&
    !has(draft.event, 'R') &&
    afterFin !== undefined &&
    draft.event.ack >= afterFin;

/** What was still missing: the other's FIN, the acknowledgement of the own one, or both in one segment. */
const completesClose = (span: Span, from: string): SegmentDraft | undefined => {
  const [isFin, isAck] = [completesFin(span), acknowledgesFin(span)];
  if (from === 'CLOSING') return span.received.find(isAck);
  if (from === 'FIN-WAIT-2') return finTaken(span);
  const both = span.received.filter((draft) => isFin(draft) || isAck(draft));
  return both.find((draft) => isFin(draft) && isAck(draft)) ?? both.at(-1);
};

/** To CLOSED: a reset or the last ACK arrived, a reset was sent, a call or a process's end, or a timer that ran out. */
const causeOfEnd = (draft: StateDraft, span: Span, context: StateContext): StateCause => {
  const { event } = draft;
  // A handshake that is not complete ends by any reset within the window (tcp_check_req()).
  const isObeyed = (one: SegmentDraft) =>
    span.arrivals(one).isReset || (event.from === 'SYN-RECEIVED' && has(one.event, 'R') && span.arrivals(one).isTaken);
  const reset = arrived(span.received.find(isObeyed));
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
  // An orphan is to wait for the other's FIN as a socket in TIME-WAIT waits: where there is no room for one, it is over with the ACK of its own.
  const orphaned = event.from === 'FIN-WAIT-1' ? arrived(span.received.find(acknowledgesFin(span))) : undefined;
  if (orphaned) return orphaned;
  const withListener = event.from === 'SYN-RECEIVED' ? listenerClosed(draft, context) : undefined;
  return withListener ?? (event.from === 'TIME-WAIT' ? unknown : byProgram(draft, context));
};

/** A call that sent the FIN before the span began, though it returned later, made the change that the FIN stands for and no other. */
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

/** connect(2) takes the socket to SYN-SENT before the SYN has left. */
const connected = ({ event }: StateDraft, { calls }: StateContext): StateCause | undefined => {
  const { host, connection, between } = event;
  const found = connection === undefined ? undefined : calls.latest('connect', host, connection, between[1]);
  return found && isUnderWay(found, between[0])
    ? { cause: { kind: 'call', of: found.call }, at: found.made.event.at }
    : undefined;
};

/** A call that closes, or the end of the process that held the socket, between the two samples. */
const closedInSpan = ({ event }: StateDraft, context: StateContext): StateCause | undefined => {
  const { host, connection, between } = event;
  const [from, to] = between;
  const closing = connection === undefined ? undefined : context.calls.latest('close', host, connection, to);
  if (closing && isUnderWay(closing, from) && !isAftermath(closing.call, context))
    return { cause: { kind: 'call', of: closing.call }, at: closing.made.event.at };
  return endOfHolder(event, context);
};

const endOfHolder = (
  { host, connection, local: { port }, between }: StateDraft['event'],
  { holders, ends }: StateContext,
): StateCause | undefined => {
  const [from, to] = between;
  const still = holders.at({ host, connection, port }, from);
  const exit: ProcessDraft | undefined = ends.within(host, still, between);
  if (exit) return { cause: { kind: 'process-end', of: exit } };
  const ending = ends.untold(host, still, to);
  return ending && ending.event.at >= from ? { cause: { kind: 'call', of: ending }, at: ending.event.at } : undefined;
};

/** A socket that no process driven call by call holds is in the hands of a program; a signal of the script may have ended that. */
const byProgram = ({ event }: StateDraft, { holders, ends, connections }: StateContext): StateCause => {
  const { host, connection, local, between } = event;
  if (holders.ever({ host, connection, port: local.port }).size > 0) return unknown;
  const [from, to] = between;
  const since = event.to === 'SYN-SENT' || event.to === 'LISTEN' ? to : (connections[connection ?? -1]?.begin ?? from);
  const program = holders.program(host, since, to) ?? holders.program(host, since, from);
  if (!program) return unknown;
  if (program.kind === 'programs') return { cause: program };
  const start = program.of.event;
  const end = 'process' in start ? ends.within(host, [start.process], between) : undefined;
  if (end && ends.isKilled(end)) return { cause: { kind: 'process-end', of: end } };
  return { cause: program };
};

/** Node closes a socket to which the kernel has reported an error (an errno, not Node's own ABORT_ERR): that close ended nothing. */
const isAftermath = ({ event: closing }: CallDraft, { emits }: StateContext): boolean => {
  if (closing.by !== 'node') return false;
  // 'error' is emitted in the turn after the close.
  for (let index = countAtOrBefore(emits, closing.at, ({ event }) => event.at); index < emits.length; index++) {
    const { event } = emits[index] as Draft<EmitEvent>;
    if (event.step > closing.step) return false;
    if (event.process === closing.process && event.target === closing.target)
      return event.name === 'error' && /^E[A-Z]+$/.test(event.code ?? '');
  }
  return false;
};

/** A call does its work somewhere between its begin and its return: ss may look in between and see nothing yet. */
const isUnderWay = ({ made: { event } }: Found, from: number): boolean => (event.returned?.at ?? event.at) >= from;

const listenerClosed = ({ event }: StateDraft, { calls }: StateContext): StateCause | undefined => {
  const [from, to] = event.between;
  const closing = calls.latestOnListener('close', event.host, event.local.port, to);
  return closing && isUnderWay(closing, from)
    ? { cause: { kind: 'call', of: closing.call }, at: closing.made.event.at }
    : undefined;
};

const causeOfListener = (draft: StateDraft, context: StateContext): StateCause => {
  const { event } = draft;
  const { host, local, between } = event;
  if (event.to !== 'LISTEN')
    return listenerClosed(draft, context) ?? endOfHolder(event, context) ?? byProgram(draft, context);
  const listen = context.calls.latestOnListener('listen', host, local.port, between[1]);
  if (listen && (event.before === undefined || isUnderWay(listen, between[0])))
    return { cause: { kind: 'call', of: listen.call }, at: listen.made.event.at };
  return byProgram(draft, context);
};
