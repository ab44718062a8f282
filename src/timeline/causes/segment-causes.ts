// Why a segment was sent. In order of strength: what the wire made, what a kernel timer sends (the role tells), what a
// call under way asked for, what the kernel sent while it processed an arrival, what the end of a process or a program
// nobody watched left to the kernel.

import type { Found } from '../calls/calls.ts';
import type { Link } from '../draft.ts';
import { countedEarly } from '../reading/counted.ts';
import type { SegmentEvent } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import { has, isBareAck, isDataAlone } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { causeOfAck } from './ack-causes.ts';
import { fastOpened, isUnderWay, latestAsking, queueing } from './asking.ts';
import { answered, arrivalOf, type CauseContext, call, lastMoved, segment, socketOf, unknown } from './causes.ts';
import { earlyWrite } from './early-writes.ts';
import { expiredTimer, gaveUp, timer } from './expired-timers.ts';
import { heldBack, lossProbe, sentForProgram, sentLater, wasQueued } from './kernel-sending.ts';
import { retransmissionTimer } from './retransmission-timer.ts';
import { released, sentOn, wasLeft } from './sent-on.ts';
import { endOfHolder, endOfUser, isHeldElsewhere, unseenProgram } from './unseen-programs.ts';

/** The cause of one segment. Roles are known; everything is indexed. */
export const causeOfSegment = (draft: SegmentDraft, context: CauseContext): Link => {
  const { event } = draft;
  if (event.origin !== 'host') {
    const of = draft.operation === undefined ? undefined : context.operations.get(draft.operation);
    return of ? { kind: 'wire', of } : unknown;
  }
  const nearby = context.surroundings.get(draft) ?? {};
  if (event.role === 'keepalive-probe') return timer('keepalive', event, nearby, context);
  if (event.role === 'window-probe') return causeOfWindowProbe(event, nearby, context);
  if (has(event, 'S')) return causeOfSyn(draft, nearby, context);
  // A retransmission the kernel makes while it processes an arrival is a fast one (RFC 5681, section 3.2; RFC 8985).
  if (event.role === 'retransmission') {
    if (!isCounted(event, context)) return causeOfMadeUp(event, context);
    return answered(event, nearby) ?? retransmissionTimer(draft, nearby, context.sightings, context.fired);
  }
  if (has(event, 'R')) return causeOfReset(draft, nearby, context);
  if (has(event, 'F') || event.length > 0) return causeOfSending(draft, nearby, context);
  return causeOfAck(draft, nearby, context);
};

/** The kernel counts whatever it sends again: where it has counted none, somebody has made up one of the two. */
const isCounted = ({ from, at }: SegmentEvent, { counted }: CauseContext): boolean =>
  counted.rise(from, 'Tcp.RetransSegs', at - countedEarly, at) !== 0;

/** Either this one or the one it repeats: where a call sends just then, it is the call's. */
const causeOfMadeUp = (event: SegmentEvent, context: CauseContext): Link => {
  const asked = latestAsking(event, context);
  return asked && isUnderWay(asked, event.at) ? call(asked.call) : unknown;
};

/** The persist timer waits for a window that is closed; TCP_REPAIR sends such a probe as well. */
const causeOfWindowProbe = (event: SegmentEvent, nearby: Surroundings, context: CauseContext): Link => {
  const persist = timer('persist', event, nearby, context);
  const isDue = nearby.lastReceived?.event.window === 0 || (persist.kind === 'timer' && persist.sample !== undefined);
  return isDue ? persist : unknown;
};

const causeOfSyn = (draft: SegmentDraft, nearby: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { calls, holders } = context;
  const { from, connection, destination, at } = event;
  if (event.role === 'retransmission') {
    const answers = has(event, '.') ? answered(event, nearby) : undefined;
    return answers ?? timer('on', event, nearby, context);
  }
  if (has(event, '.')) return nearby.lastReceived ? segment(nearby.lastReceived) : unknown;
  const asked =
    calls.latest('connect', from, connection, at)?.call ??
    fastOpened(event, context) ??
    calls.latestConnectTo(from, destination.address, destination.port, at);
  // Nobody's connect: a program made it.
  return asked ? call(asked) : (holders.program(from, at, at) ?? unknown);
};

/**
 * RFC 9293, section 3.10.7.1: the reset that answers a segment has no ACK, or sequence number zero where that segment
 * had none.
 */
const causeOfReset = (draft: SegmentDraft, nearby: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { lastReceived } = nearby;
  const answers =
    !has(event, '.') || (event.absolute.seq === 0 && lastReceived !== undefined && !has(lastReceived.event, '.'));
  if (answers && lastReceived) return segment(lastReceived);
  return causeOfSending(draft, nearby, context);
};

/**
 * Data, FIN and the reset of an abort: somebody asked for it, an arrival released it, or the end of the process left it
 * to the kernel.
 */
const causeOfSending = (draft: SegmentDraft, nearby: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { at } = event;
  const { lastReceived } = nearby;
  const early = isDataAlone(event) ? earlyWrite(event, nearby, context) : undefined;
  if (early) return call(early);
  const asked = latestAsking(event, context);
  if (wasSentBefore(event, nearby, context)) return unknown;
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  const closes = has(event, 'F') || has(event, 'R');
  if (asked && wasLeft(event, asked.made, context)) {
    const now = released(event, nearby, context) ?? heldBack(event, asked, nearby, context);
    if (now) return now;
    const later = sentLater(draft, asked, nearby, context);
    const isKnown = later?.kind === 'timer' && later.timer !== 'retransmission';
    return later && (isKnown || at - arrival > queueing) ? later : sentOn(event, nearby, context);
  }
  if (asked && asked.made.event.at >= arrival && (!closes || isUnderWay(asked, at)))
    return (
      lossProbe(event, asked.call, nearby, context) ??
      heldBack(event, asked, nearby, context) ??
      sentLater(draft, asked, nearby, context) ??
      call(asked.call)
    );
  if (!isSentByClosing(event, asked, context) && (asked || (lastReceived && acknowledgesData(lastReceived.event)))) {
    const now = released(event, nearby, context);
    if (now) return now;
  }
  if (has(event, 'R') && gaveUp(event, nearby, context)) return timer('keepalive', event, nearby, context);
  const isUnseen = context.holders.ever(socketOf(event)).size === 0;
  const unseen = isUnseen ? (sentForProgram(draft, nearby, context) ?? byUnseen(event, nearby, context)) : undefined;
  if (unseen) return unseen;
  const ended = closes ? endOfHolder(event, context) : undefined;
  if (ended) return ended;
  const isAborted = has(event, 'R') && context.counted.rise(event.from, 'TcpExt.TCPAbortOnTimeout', at) === 0;
  const expired = isAborted
    ? undefined
    : expiredTimer(has(event, 'R') ? 'keepalive' : 'persist', event, nearby, context);
  if (expired) return expired;
  if (lastReceived && at - arrival <= queueing && wasBacklogged(event, arrival, context)) return segment(lastReceived);
  // A call that blocks sends when an arrival has made room, and by itself at no other time.
  const later = asked && sentLater(draft, asked, nearby, context);
  if (later) return later;
  if (asked) {
    const isOver = closes && !isUnderWay(asked, at);
    const ended = isOver ? endOfUser(asked, event, context) : undefined;
    if (ended) return ended;
    const isAnother = isOver && (isHeldElsewhere(event, context) || wasOpenAfter(asked, event, context));
    return isAnother ? unknown : call(asked.call);
  }
  // Without a descriptor to spare, libuv accepts and closes at once (uv__emfile_trick).
  return context.holders.silent(socketOf(event), at) ?? unknown;
};

/**
 * A FIN without data leaves within the call that closes, whatever arrives at that moment: nothing keeps it back but a
 * window that is full (tcp_nagle_test(), net/ipv4/tcp_output.c), and then ss shows the socket as closed before it is sent.
 */
const isSentByClosing = (event: SegmentEvent, asked: Found | undefined, context: CauseContext): boolean =>
  has(event, 'F') &&
  event.length === 0 &&
  !wasQueued(event, context) &&
  (!asked || event.at <= (asked.made.event.returned?.at ?? event.at));

/** All that was seen of the socket is acknowledged, and yet ss showed something in flight: a queue of the host has kept it. */
const wasSentBefore = (event: SegmentEvent, nearby: Surroundings, { sightings }: CauseContext): boolean => {
  const { from, source, destination, at, seq, length } = event;
  const isAlone = length > 0 && (nearby.lastReceived?.event.ack ?? 0) >= seq;
  const shown = isAlone ? sightings.last(from, source, destination, at) : undefined;
  return shown !== undefined && shown.sample.begin > lastMoved(nearby) && Number(shown.row.info.unacked ?? 0) > 0;
};

/**
 * ss showed the socket as open when the call that was to close it had returned, and no other call still used it: it has
 * closed another descriptor.
 */
const wasOpenAfter = (
  { made }: Found,
  { from, connection, source, destination, at }: SegmentEvent,
  { sightings, calls }: CauseContext,
): boolean => {
  if (calls.using(from, connection, made.event.at).length > 0) return false;
  const shown = sightings.last(from, source, destination, at);
  const isOpen = shown?.row.state === 'ESTABLISHED' || shown?.row.state === 'CLOSE-WAIT';
  return isOpen && shown.sample.begin >= (made.event.returned?.at ?? Number.POSITIVE_INFINITY);
};

/** The program itself, where it can have written then; else the kernel has sent on what it had from it. */
const byUnseen = (event: SegmentEvent, nearby: Surroundings, context: CauseContext): Link | undefined => {
  const isQueued = wasQueued(event, context);
  const program = isQueued ? undefined : unseenProgram(event, context);
  return program ?? (isQueued || isDataAlone(event) ? sentOn(event, nearby, context) : undefined);
};

/** Beyond the handshake: an acknowledgement of what had been sent makes room for more. */
const acknowledgesData = (event: SegmentEvent) => isBareAck(event) && event.ack > 1;

/** Whether data waited to be sent when the segment arrived: then its acknowledgement, not the call long ago, set them free. */
const wasBacklogged = (
  { from, source, destination }: SegmentEvent,
  arrival: number,
  { sightings }: CauseContext,
): boolean => Number(sightings.last(from, source, destination, arrival)?.row.info.notsent ?? 0) > 0;
