// Data that a timer of the kernel sends, and no call or program: the tail loss probe's, the persist timer's, the pacing's.

import { isSystemCall } from '../../record/part-records.ts';
import type { CallDraft } from '../calls/api-events.ts';
import type { Found } from '../calls/calls.ts';
import type { Link } from '../draft.ts';
import { jiffy } from '../reading/sightings.ts';
import type { SegmentEvent } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import { has, isBareAck, isDataAlone } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { givenBy, isUnderWay, latestAsking, queueing } from './asking.ts';
import { answered, arrivalOf, type CauseContext, lastMoved, unknown } from './causes.ts';
import { earlyWrite } from './early-writes.ts';
import { expiredTimer } from './expired-timers.ts';
import { headers, longestPause, paces } from './pacing.ts';
import { leavesWithPaced, pacingTimer } from './sent-on.ts';

/**
 * What a call has left in the queue and no arrival has set free, a timer of the kernel sends: the tail loss probe,
 * where the counters say so; the persist timer, where nothing is in flight; that of the pacing, where ss shows it; else
 * one that is not known. Where nothing is in flight, a call that may not have returned has sent them itself.
 */
export const sentLater = (
  draft: SegmentDraft,
  { made }: Found,
  nearby: Surroundings,
  context: CauseContext,
): Link | undefined => {
  const { event } = draft;
  const { fired } = context;
  const { lastReceived } = nearby;
  const isAlone = lastReceived !== undefined && has(lastReceived.event, '.') && lastReceived.event.ack >= event.seq;
  const probe = fired.isProbeOfNewData(draft) ? ({ kind: 'timer', timer: 'tail-loss-probe' } as const) : undefined;
  if (isHeldUp(event, nearby, made)) return probe;
  if (!isLate(draft, nearby, made)) return undefined;
  if (probe) return probe;
  // One that blocks goes on by itself, when an arrival has made room.
  const goesOn = event.at <= (givenBy(made) ?? event.at);
  if (goesOn && lastReceived && arrivalOf(lastReceived) > made.event.at) return undefined;
  if (isAlone && isPersistDue(event, nearby, context)) return { kind: 'timer', timer: 'persist' };
  if (isAlone && event.at <= (made.event.returned?.latest ?? Number.NEGATIVE_INFINITY)) return undefined;
  return isPaced(event, nearby, context) ? pacingTimer : { kind: 'timer', timer: 'retransmission' };
};

/**
 * Data sent for the first time with a pause since what was sent before, when the call that wrote them had long
 * returned, or blocks and nothing has arrived just now.
 */
export const isLate = ({ event }: SegmentDraft, nearby: Surroundings, made: CallDraft): boolean => {
  const { at } = made.event;
  const end = givenBy(made);
  if (!isAfterPause(event, nearby)) return false;
  if (end !== undefined && event.at > end) return event.at > end + queueing;
  const arrival = nearby.lastReceived ? arrivalOf(nearby.lastReceived) : Number.NEGATIVE_INFINITY;
  const isBlocked = isSystemCall(made.event) && arrival > at;
  return isBlocked ? event.at > arrival + burst : event.at > (end ?? at) + queueing;
};

/** The persist timer takes as long as a retransmission timeout (tcp_probe0_base(), include/net/tcp.h), as ss shows it. */
const isPersistDue = (event: SegmentEvent, nearby: Surroundings, { sightings }: CauseContext): boolean => {
  const { from, source, destination, at } = event;
  const rto = Number(sightings.last(from, source, destination, at)?.row.info.rto ?? usualRto);
  return at - lastMoved(nearby) >= rto * 1e6 - jiffy;
};

/** TCP_RTO_MIN (include/net/tcp.h; ms). */
const usualRto = 200;

/** Data sent after a pause while the call that writes them goes on, and nothing has arrived since it sent the last. */
const isHeldUp = (event: SegmentEvent, nearby: Surroundings, made: CallDraft): boolean => {
  const { previousSent, lastReceived } = nearby;
  const { at } = made.event;
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  const since = previousSent?.event.at ?? Number.POSITIVE_INFINITY;
  return isAfterPause(event, nearby) && since >= at && arrival < since && event.at <= (givenBy(made) ?? event.at);
};

/**
 * What a program has left in the queue, a timer of the kernel may send: the tail loss probe, the persist timer, or that
 * of the pacing. Unknown where a probe was counted that this may be, or a write of the program.
 */
export const sentForProgram = (draft: SegmentDraft, nearby: Surroundings, context: CauseContext): Link | undefined => {
  const { event } = draft;
  if (event.length === 0 || has(event, 'R') || event.role !== undefined) return undefined;
  if (!isAfterPause(event, nearby)) return isPaced(event, nearby, context) ? pacingTimer : undefined;
  const { fired, counted } = context;
  const probe: Link = { kind: 'timer', timer: 'tail-loss-probe' };
  if (fired.isProbeOfNewData(draft)) return probe;
  const isProbed = Number(counted.rise(event.from, 'TcpExt.TCPLossProbes', event.at)) > 0;
  if (isProbed && expiredTimer('on', event, nearby, context)) return probe;
  const persisted = expiredTimer('persist', event, nearby, context);
  if (persisted) return persisted;
  if (fired.mayBeProbeOfNewData(draft)) return unknown;
  return isPaced(event, nearby, context) ? pacingTimer : undefined;
};

/**
 * The last row, taken since something moved, shows a socket that paces, with data that wait and that Nagle's algorithm
 * does not hold back: they are a whole segment, or their FIN waits with them. bbr paces (SK_PACING_NEEDED,
 * net/ipv4/tcp_bbr.c), and so does what SO_MAX_PACING_RATE bounds, from the tenth segment with data on
 * (tcp_update_skb_after_send(), net/ipv4/tcp_output.c). The wait is no longer than the rate makes it. What leaves
 * together with such a segment has waited as well.
 */
const isPaced = (event: SegmentEvent, nearby: Surroundings, { sightings }: CauseContext): boolean => {
  const { from, source, destination, at, length } = event;
  const { previousSent } = nearby;
  if (leavesWithPaced(event, nearby)) return true;
  const shown = sightings.last(from, source, destination, at);
  if (shown === undefined || shown.sample.begin <= lastMoved(nearby)) return false;
  const { state, info } = shown.row;
  const isWaiting = Number(info.notsent ?? 0) >= length && Number(info.unacked ?? 0) < Number(info.cwnd ?? 0);
  const isLong = length >= Number(info.mss) || isClosing.has(state);
  const longest = longestPause(info, (Number(info.mss) + headers) * Math.max(1, Number(info.unacked ?? 1)));
  const isInTime = at - (previousSent?.event.at ?? Number.NEGATIVE_INFINITY) <= longest;
  return paces(info) && isWaiting && isLong && isInTime;
};

const isClosing: ReadonlySet<string> = new Set(['FIN-WAIT-1', 'CLOSING', 'LAST-ACK']);

/** Data sent for the first time, with a pause since what was sent before. */
const isAfterPause = (event: SegmentEvent, { previousSent }: Surroundings): boolean =>
  event.role === undefined &&
  event.length > 0 &&
  event.at - (previousSent?.event.at ?? Number.NEGATIVE_INFINITY) > burst;

/** What one call sends leaves without pauses this long (ns). */
const burst = 5e6;

/** What a call could not send when it was made, the persist timer sends: a link that was down kept it in the queue. */
export const heldBack = (
  event: SegmentEvent,
  asked: Found,
  nearby: Surroundings,
  context: CauseContext,
): Link | undefined => (isUnderWay(asked, event.at) ? undefined : expiredTimer('persist', event, nearby, context));

/** RFC 8985, section 7.3: when the answers stay away, the tail loss probe sends the next data there are. */
export const lossProbe = (
  event: SegmentEvent,
  asked: CallDraft,
  nearby: Surroundings,
  context: CauseContext,
): Link | undefined => {
  const { previousSent } = nearby;
  if (!previousSent || event.length === 0 || previousSent.event.at < asked.event.at) return undefined;
  if (event.at - previousSent.event.at <= burst) return undefined;
  if (context.counted.rise(event.from, 'TcpExt.TCPLossProbes', event.at) === 0) return undefined;
  const expired = expiredTimer('on', event, nearby, context);
  return expired && { ...expired, timer: 'tail-loss-probe' };
};

/** What the counters are asked about: new data that a timer may have sent, and ACKs that were no immediate answer. */
export const isForTimer = (
  draft: SegmentDraft,
  nearby: Surroundings,
  context: Pick<CauseContext, 'calls' | 'connections' | 'holders'>,
): boolean => {
  const { event } = draft;
  if (event.length === 0) return isBareAck(event) && answered(event, nearby) === undefined;
  if (earlyWrite(event, nearby, context)) return false;
  const asked = latestAsking(event, context);
  // Where nothing is in flight, no probe is due.
  const isInFlight = (nearby.lastReceived?.event.ack ?? 0) < event.seq;
  if (asked === undefined) return isInFlight && isAfterPause(event, nearby) && answered(event, nearby) === undefined;
  if (isHeldUp(event, nearby, asked.made)) return true;
  if (!isLate(draft, nearby, asked.made)) return false;
  const arrival = nearby.lastReceived ? arrivalOf(nearby.lastReceived) : Number.NEGATIVE_INFINITY;
  const isOver = (givenBy(asked.made) ?? asked.made.event.at) < event.at;
  return asked.made.event.at >= arrival || !isOver || (isInFlight && answered(event, nearby) === undefined);
};

/**
 * Whether ss shows that nothing was written when data or a FIN were sent: the socket was closed for writing before, or
 * as much had been written by the sample before as by the one after. The latter counts for whole segments alone: of
 * less, the program may have said that it is not to be kept back any more.
 */
export const wasQueued = (event: SegmentEvent, { sightings }: CauseContext): boolean => {
  const { from, source, destination, at, length } = event;
  if (has(event, 'R')) return false;
  const before = sightings.last(from, source, destination, at)?.row;
  if (before && isClosing.has(before.state)) return true;
  if (!isDataAlone(event)) return false;
  const after = sightings.next(from, source, destination, at)?.row;
  const written = [before, after].map((row) => row && Number(row.info.bytes_acked ?? 0) + row.sendQ);
  const isWhole = length >= Number(before?.info.mss);
  return isWhole && before?.cookie === after?.cookie && written[0] === written[1];
};
