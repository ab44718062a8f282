// Why a socket changed its state (RFC 9293, section 3.3.2 and its figure 5): the arrival or the call that the new state
// stands for.
import type { Found } from '../calls/calls.ts';
import { arrivalOf } from '../causes/causes.ts';
import { has } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { byProgram, closedInSpan, endOfHolder, isUnderWay, listenerClosed } from './closers.ts';
import { causeOfEnd } from './socket-ends.ts';
import {
  acknowledgesFin,
  arrived,
  completesFin,
  finTaken,
  type Span,
  type StateCause,
  type StateContext,
  sentInSpan,
  spanOf,
  unknown,
} from './state-surroundings.ts';
import type { StateDraft } from './states.ts';

/** The cause of one change of state. */
export const causeOfState = (draft: StateDraft, context: StateContext): StateCause => {
  const { event } = draft;
  if (event.to === 'LISTEN' || event.from === 'LISTEN') return causeOfListener(draft, context);
  const span = spanOf(event.to === 'CLOSED' ? sinceLast(draft) : draft, context);
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
      return causeOfEnd(sinceLast(draft), span, context);
  }
};

/** The change from the last state that was passed unseen. */
const sinceLast = (draft: StateDraft): StateDraft => {
  const last = draft.passed?.at(-1);
  if (!last) return draft;
  const { rowBefore: _, ...rest } = draft;
  const { event } = draft;
  return {
    ...rest,
    event: { ...event, from: last.state, between: [Math.max(last.at, event.between[0]), event.between[1]] },
  };
};

/**
 * What ends the handshake. It takes the other's SYN as well, but for a listener, and for a simultaneous open, whose
 * SYN-RECEIVED has it already.
 */
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

/** What was still missing: the other's FIN, the acknowledgement of the own one, or both in one segment. */
const completesClose = (span: Span, from: string): SegmentDraft | undefined => {
  const [isFin, isAck] = [completesFin(span), acknowledgesFin(span)];
  if (from === 'CLOSING') return span.received.find(isAck);
  if (from === 'FIN-WAIT-2') return finTaken(span);
  const both = span.received.filter((draft) => isFin(draft) || isAck(draft));
  return both.find((draft) => isFin(draft) && isAck(draft)) ?? both.at(-1);
};

/** connect(2) takes the socket to SYN-SENT before the SYN has left. */
const connected = ({ event }: StateDraft, { calls }: StateContext): StateCause | undefined => {
  const { host, connection, between } = event;
  const found = connection === undefined ? undefined : calls.latest('connect', host, connection, between[1]);
  return found && isUnderWay(found, between[0])
    ? { cause: { kind: 'call', of: found.call }, at: found.made.event.at }
    : undefined;
};

const causeOfListener = (draft: StateDraft, context: StateContext): StateCause => {
  const { event } = draft;
  const { host, local, between } = event;
  if (event.to !== 'LISTEN')
    return listenerClosed(draft, context) ?? endOfHolder(event, context) ?? byProgram(draft, context);
  const listen = madeBy(context.calls.latestOnListener('listen', host, local.port, between[1]), draft, context);
  if (listen && (event.before === undefined || isUnderWay(listen, between[0])))
    return { cause: { kind: 'call', of: listen.call }, at: listen.made.event.at };
  return byProgram(draft, context);
};

/** A socket that was passed on while it listened does not begin to listen again: the first such call of its program made it. */
const madeBy = (found: Found | undefined, draft: StateDraft, context: StateContext): Found | undefined => {
  const { host, local, between, before } = draft.event;
  let listen = found;
  while (listen?.made.event.inherited) {
    const earlier = context.calls.latestOnListener('listen', host, local.port, listen.made.event.at - 1);
    const isOther = !earlier || programOf(earlier) !== programOf(listen);
    if (isOther || (before !== undefined && !isUnderWay(earlier, between[0]))) break;
    listen = earlier;
  }
  return listen;
};

/** `server` of the process `server[41]`. */
const programOf = ({ made }: Found): string => made.event.process.replace(/\[\d+\]$/, '');
