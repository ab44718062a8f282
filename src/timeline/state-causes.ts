// Why a socket changed its state (RFC 9293, section 3.3.2 and its figure 5): the arrival or the call that the new state stands for.

import type { CallDraft, ProcessDraft } from './api-events.ts';
import type { CallIndex } from './calls.ts';
import type { ConnectionIndex } from './connection-index.ts';
import type { Draft, Link } from './draft.ts';
import { endOf, has } from './roles.ts';
import type { Connection, EmitEvent, HostName, SegmentEvent } from './schema.ts';
import { countAtOrBefore } from './search.ts';
import { arrivalOf } from './segment-causes.ts';
import type { SegmentDraft } from './segments.ts';
import type { StateDraft } from './states.ts';

/** What one host sent on a connection, and received on its pair of endpoints, in order of time. Causes of what it sent are known. */
export type Traffic = { received: SegmentDraft[]; sent: SegmentDraft[] };

export type StateContext = {
  calls: CallIndex;
  connections: Connection[];
  index: ConnectionIndex;
  traffic(host: HostName, connection: number): Traffic;
  /** What Node emitted, in order of time. */
  emits: Draft<EmitEvent>[];
  /** The step a moment belongs to (ns since the start of the run). */
  stepAt(at: number): number;
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
      return sentInSpan(span, (one) => has(one, 'S')) ?? unknown;
    case 'SYN-RECEIVED':
      return arrived(span.received.findLast(({ event: one }) => has(one, 'S'))) ?? lastArrival(span);
    case 'ESTABLISHED':
      return arrived(span.received.find(({ event: one }) => acknowledgesSyn(one, span.isOpener))) ?? lastArrival(span);
    case 'CLOSE-WAIT':
    case 'CLOSING':
      return arrived(span.received.find(({ event: one }) => has(one, 'F'))) ?? lastArrival(span);
    case 'FIN-WAIT-2':
      return arrived(span.received.find(({ event: one }) => acknowledgesFin(one, span))) ?? lastArrival(span);
    case 'TIME-WAIT':
      return arrived(completesClose(span, event.from)) ?? lastArrival(span);
    case 'FIN-WAIT-1':
    case 'LAST-ACK':
      return sentInSpan(span, (one) => has(one, 'F')) ?? closedInSpan(draft, context) ?? lastArrival(span);
    default:
      return causeOfEnd(draft, span, context);
  }
};

type Span = Traffic & {
  connection?: number;
  isOpener: boolean;
  /** The other's FIN had arrived by the end of the span. */
  finReceived: boolean;
  /** The sequence number after the host's own FIN. */
  afterFin: number | undefined;
};

const unknown: StateCause = { cause: { kind: 'unknown' } };

/** What the host received and sent between the two samples that bound the change. */
const spanOf = ({ event }: StateDraft, { traffic, connections }: StateContext): Span => {
  const { host, connection, between } = event;
  if (connection === undefined)
    return { received: [], sent: [], isOpener: false, finReceived: false, afterFin: undefined };
  const all = traffic(host, connection);
  const [from, to] = between;
  const sent = within(all.sent, from, to, ({ event: { at } }) => at);
  const fin = all.sent.find(({ event: one }) => has(one, 'F'))?.event;
  return {
    connection,
    received: within(all.received, from, to, arrivalOf),
    sent,
    isOpener: connections[connection]?.opener === host,
    finReceived: all.received.some(
      (draft) => draft.event.connection === connection && has(draft.event, 'F') && arrivalOf(draft) <= to,
    ),
    afterFin: fin && endOf(fin),
  };
};

const within = (sorted: SegmentDraft[], from: number, to: number, timeOf: (draft: SegmentDraft) => number) =>
  sorted.slice(countAtOrBefore(sorted, from - 1, timeOf), countAtOrBefore(sorted, to, timeOf));

const arrived = (draft: SegmentDraft | undefined): StateCause | undefined =>
  draft && { cause: { kind: 'segment', of: draft }, at: arrivalOf(draft) };

const lastArrival = ({ received }: Span): StateCause => arrived(received.at(-1)) ?? unknown;

/** A segment the host sent in the span shows the change: its cause is the change's cause, its time the change's time. */
const sentInSpan = ({ sent }: Span, shows: (event: SegmentEvent) => boolean): StateCause | undefined => {
  const draft =
    sent.find(({ event }) => event.role === undefined && shows(event)) ?? sent.find(({ event }) => shows(event));
  return draft?.cause && { cause: draft.cause, at: draft.event.at };
};

const acknowledgesSyn = (event: SegmentEvent, isOpener: boolean) =>
  has(event, '.') && !has(event, 'R') && event.ack >= 1 && (has(event, 'S') || !isOpener);

const acknowledgesFin = (event: SegmentEvent, { connection, afterFin }: Span) =>
  event.connection === connection &&
  has(event, '.') &&
  !has(event, 'R') &&
  afterFin !== undefined &&
  event.ack >= afterFin;

/** What was still missing: the other's FIN, the acknowledgement of the own one, or both in one segment. */
const completesClose = (span: Span, from: string): SegmentDraft | undefined => {
  if (from === 'CLOSING') return span.received.find(({ event }) => acknowledgesFin(event, span));
  if (from === 'FIN-WAIT-2') return span.received.find(({ event }) => has(event, 'F'));
  const both = span.received.filter(({ event }) => has(event, 'F') || acknowledgesFin(event, span));
  return both.find(({ event }) => has(event, 'F') && acknowledgesFin(event, span)) ?? both.at(-1);
};

/** To CLOSED: a reset or the last ACK arrived, a reset was sent, a call or a process's end, or a timer that ran out. */
const causeOfEnd = (draft: StateDraft, span: Span, context: StateContext): StateCause => {
  const { event, rowBefore } = draft;
  const reset = arrived(span.received.find(({ event: one }) => has(one, 'R')));
  if (reset) return reset;
  const lastAck =
    event.from === 'TIME-WAIT' || !span.finReceived
      ? undefined
      : arrived(span.received.find(({ event: one }) => acknowledgesFin(one, span)));
  if (lastAck) return lastAck;
  const reuse = event.from === 'TIME-WAIT' ? usedAgain(draft, context) : undefined;
  if (reuse) return reuse;
  const aborted = sentInSpan(span, (one) => has(one, 'R'));
  if (aborted) return aborted;
  const closed = event.from === 'TIME-WAIT' ? undefined : closedInSpan(draft, context);
  if (closed) return closed;
  const timer = rowBefore?.timer;
  if (timer && timer.name !== 'unknown')
    return { cause: { kind: 'timer', timer: timer.name, ...(event.before && { sample: event.before }) } };
  return event.from === 'SYN-RECEIVED' ? (listenerClosed(draft, context) ?? lastArrival(span)) : lastArrival(span);
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

/** A call that closes, or the end of the process that held the socket, between the two samples. */
const closedInSpan = ({ event }: StateDraft, context: StateContext): StateCause | undefined => {
  const { calls, stepAt } = context;
  const { host, connection, local, between } = event;
  const [from, to] = between;
  const closing = connection === undefined ? undefined : calls.latest('close', host, connection, to);
  if (closing && closing.event.at >= from && !isAftermath(closing, context))
    return { cause: { kind: 'call', of: closing }, at: closing.event.at };
  const ended = endOfHolder(event, calls, stepAt, local.port);
  return ended && { cause: ended.cause, at: Math.min(ended.at, to) };
};

const endOfHolder = (
  { host, connection, between: [from, to] }: StateDraft['event'],
  calls: CallIndex,
  stepAt: (at: number) => number,
  port: number,
): { cause: Link; at: number } | undefined => {
  const holders = calls.holders(host, connection, port);
  const step = stepAt(to);
  const exit: ProcessDraft | undefined = calls.processEnd(host, holders, from, step);
  if (exit && (exit.event.at <= to || exit.event.step === step))
    return { cause: { kind: 'process-end', of: exit }, at: exit.event.at };
  const ending = calls.latestEnding(host, holders, to, step);
  return ending && ending.event.at >= from ? { cause: { kind: 'call', of: ending }, at: ending.event.at } : undefined;
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
const isUnderWay = ({ event: { at, returned } }: CallDraft, from: number): boolean => (returned?.at ?? at) >= from;

const listenerClosed = ({ event }: StateDraft, { calls }: StateContext): StateCause | undefined => {
  const [from, to] = event.between;
  const closing = calls.latestOnListener('close', event.host, event.local.port, to);
  return closing && isUnderWay(closing, from)
    ? { cause: { kind: 'call', of: closing }, at: closing.event.at }
    : undefined;
};

const causeOfListener = (draft: StateDraft, context: StateContext): StateCause => {
  const { event } = draft;
  const { host, local, between } = event;
  const [from, to] = between;
  if (event.to !== 'LISTEN') {
    const ended = endOfHolder(event, context.calls, context.stepAt, local.port);
    return listenerClosed(draft, context) ?? (ended ? { cause: ended.cause, at: Math.min(ended.at, to) } : unknown);
  }
  const listen = context.calls.latestOnListener('listen', host, local.port, to);
  if (listen && (event.before === undefined || isUnderWay(listen, from)))
    return { cause: { kind: 'call', of: listen }, at: listen.event.at };
  const program = context.calls.latestProgram(host, to);
  return program ? { cause: { kind: 'process-start', of: program }, at: program.event.at } : unknown;
};
