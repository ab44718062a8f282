// Why a segment was sent. In order of strength: what the wire made, what a kernel timer sends (the role tells), what a call under way
// asked for, what the kernel sent while it processed an arrival, what the end of a process or a program nobody watched left to the kernel.

import type { SocketTimer } from '../record/samples.ts';
import type { CallDraft } from './api-events.ts';
import type { CallIndex, Found } from './calls.ts';
import type { Counted } from './counted.ts';
import type { Draft, Link } from './draft.ts';
import type { FiredTimers } from './fired-timers.ts';
import type { Holders, SocketEnd } from './holders.ts';
import type { ProcessEnds } from './process-ends.ts';
import { retransmissionTimer } from './retransmission-timer.ts';
import { has, isBareAck, type Surroundings } from './roles.ts';
import type { Connection, SegmentEvent } from './schema.ts';
import type { SegmentDraft } from './segments.ts';
import type { Sighting, Sightings } from './sightings.ts';

export type CauseContext = {
  calls: CallIndex;
  holders: Holders;
  ends: ProcessEnds;
  connections: Connection[];
  sightings: Sightings;
  /** What the kernel's counters say of the timer behind a retransmission. */
  fired: FiredTimers;
  counted: Counted;
  surroundings: Map<SegmentDraft, Surroundings>;
  /** The wire's operations by their number in wire.ndjson. */
  operations: Map<number, Draft>;
};

/** The cause of one segment. Roles are known; everything is indexed. */
export const causeOfSegment = (draft: SegmentDraft, context: CauseContext): Link => {
  const { event } = draft;
  if (event.origin !== 'host') {
    const of = draft.operation === undefined ? undefined : context.operations.get(draft.operation);
    return of ? { kind: 'wire', of } : unknown;
  }
  const around = context.surroundings.get(draft) ?? {};
  if (event.role === 'keepalive-probe') return timer('keepalive', event, around, context);
  if (event.role === 'window-probe') return timer('persist', event, around, context);
  if (has(event, 'S')) return causeOfSyn(draft, around, context);
  // A retransmission the kernel makes while it processes an arrival is a fast one (RFC 5681, section 3.2; RFC 8985).
  if (event.role === 'retransmission')
    return answered(event, around) ?? retransmissionTimer(draft, around, context.sightings, context.fired);
  if (has(event, 'R')) return causeOfReset(draft, around, context);
  if (has(event, 'F') || event.length > 0) return causeOfSending(draft, around, context);
  return causeOfAck(draft, around, context);
};

const unknown: Link = { kind: 'unknown' };
const segment = (of: SegmentDraft): Link => ({ kind: 'segment', of });
const call = (of: CallDraft): Link => ({ kind: 'call', of });

/** When a segment was handed to its receiver's kernel (ns). */
export const arrivalOf = ({ event, handledAt }: SegmentDraft): number => event.receivedAt ?? handledAt ?? event.at;

/** The segment that arrived last, if this one was sent before the kernel had done with it: inside the wire's write to the TAP. */
const answered = (event: SegmentEvent, { lastReceived }: Surroundings): Link | undefined =>
  lastReceived && event.at <= (lastReceived.handledAt ?? arrivalOf(lastReceived)) + clockSlack
    ? segment(lastReceived)
    : undefined;

/** What the end of the write and the captured time may differ by (ns). */
const clockSlack = 100_000;

/** A kernel timer, with the last sample since the side's previous segment that shows it armed. */
const timer = (
  name: Exclude<SocketTimer['name'], 'unknown'>,
  event: SegmentEvent,
  { previousSent }: Surroundings,
  { sightings }: CauseContext,
): Link => {
  const { from, source, destination, at } = event;
  const sighting = sightings.armed(
    from,
    source,
    destination,
    name,
    at,
    previousSent?.event.at ?? Number.NEGATIVE_INFINITY,
  );
  return { kind: 'timer', timer: name, ...(sighting && { sample: sighting.sample.id }) };
};

const causeOfSyn = (draft: SegmentDraft, around: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { calls, holders } = context;
  const { from, connection, destination, at } = event;
  if (event.role === 'retransmission') {
    const answers = has(event, '.') ? answered(event, around) : undefined;
    return answers ?? timer('on', event, around, context);
  }
  if (has(event, '.')) return around.lastReceived ? segment(around.lastReceived) : unknown;
  const asked =
    calls.latest('connect', from, connection, at)?.call ??
    calls.latestConnectTo(from, destination.address, destination.port, at);
  // Nobody's connect: a program made it.
  return asked ? call(asked) : (holders.program(from, at, at) ?? unknown);
};

/** RFC 9293, section 3.10.7.1: the reset that answers a segment has no ACK, or sequence number zero where that segment had none. */
const causeOfReset = (draft: SegmentDraft, around: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { lastReceived } = around;
  const answers =
    !has(event, '.') || (event.absolute.seq === 0 && lastReceived !== undefined && !has(lastReceived.event, '.'));
  if (answers && lastReceived) return segment(lastReceived);
  return causeOfSending(draft, around, context);
};

/** Data, FIN and the reset of an abort: somebody asked for it, an arrival released it, or the end of the process left it to the kernel. */
const causeOfSending = (draft: SegmentDraft, around: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { at } = event;
  const { lastReceived } = around;
  const asked = latestAsking(event, context);
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  const closes = has(event, 'F') || has(event, 'R');
  if (asked && asked.made.event.at >= arrival && (!closes || isUnderWay(asked, at)))
    return (
      lossProbe(event, asked.call, around, context) ??
      heldBack(event, asked, around, context) ??
      sentLater(draft, asked, around, context) ??
      call(asked.call)
    );
  if (asked || (lastReceived && acknowledgesData(lastReceived.event))) {
    const released = answered(event, around);
    if (released) return released;
  }
  if (has(event, 'R') && gaveUp(event, around, context)) return timer('keepalive', event, around, context);
  const program = unseenProgram(event, context);
  if (program) return sentForProgram(draft, around, context) ?? program;
  const ended = closes ? endOfHolder(event, context) : undefined;
  if (ended) return ended;
  const isAborted = has(event, 'R') && context.counted.rise(event.from, 'TcpExt.TCPAbortOnTimeout', at) === 0;
  const expired = isAborted
    ? undefined
    : expiredTimer(has(event, 'R') ? 'keepalive' : 'persist', event, around, context);
  if (expired) return expired;
  if (lastReceived && at - arrival <= queueing && wasBacklogged(event, arrival, context)) return segment(lastReceived);
  // A call that blocks sends when an arrival has made room, and by itself at no other time.
  const later = asked && sentLater(draft, asked, around, context);
  if (later) return later;
  if (asked) return closes && !isUnderWay(asked, at) && isHeldElsewhere(event, context) ? unknown : call(asked.call);
  // Without a descriptor to spare, libuv accepts and closes at once (uv__emfile_trick).
  return context.holders.silent(socketOf(event), at) ?? unknown;
};

/** A process that lives still has a descriptor of the socket: the close() of another one long ago sent nothing. */
const isHeldElsewhere = (event: SegmentEvent, { holders, ends }: CauseContext): boolean =>
  [...holders.at(socketOf(event), event.at)].some(
    (process) => !ends.within(event.from, [process], [Number.NEGATIVE_INFINITY, event.at]),
  );

/** What a call could not send when it was made, the persist timer sends: a link that was down kept it in the queue. */
const heldBack = (event: SegmentEvent, asked: Found, around: Surroundings, context: CauseContext): Link | undefined =>
  isUnderWay(asked, event.at) ? undefined : expiredTimer('persist', event, around, context);

/**
 * What a call has left in the queue and no arrival has set free, a timer of the kernel sends: the tail loss probe, where the counters say so; the
 * persist timer, where nothing is in flight; that of the pacing, where ss shows it; else one that is not known.
 */
const sentLater = (
  draft: SegmentDraft,
  { made }: Found,
  around: Surroundings,
  context: CauseContext,
): Link | undefined => {
  const { event } = draft;
  const { fired } = context;
  if (isHeldUp(event, around, made))
    return fired.isProbeOfNewData(draft) ? { kind: 'timer', timer: 'tail-loss-probe' } : undefined;
  if (!isLate(draft, around, made)) return undefined;
  if (fired.isProbeOfNewData(draft)) return { kind: 'timer', timer: 'tail-loss-probe' };
  const { lastReceived } = around;
  const isAlone = lastReceived !== undefined && has(lastReceived.event, '.') && lastReceived.event.ack >= event.seq;
  if (isAlone) return { kind: 'timer', timer: 'persist' };
  return isPaced(event, around, context) ? pacingTimer : { kind: 'timer', timer: 'retransmission' };
};

/**
 * Data sent for the first time with a pause since what was sent before, when the call that wrote them had long returned, or blocks and nothing
 * has arrived just now.
 */
const isLate = ({ event }: SegmentDraft, around: Surroundings, made: CallDraft): boolean => {
  const { at, returned } = made.event;
  if (!isAfterPause(event, around)) return false;
  if (returned !== undefined && event.at > returned.at) return event.at > returned.at + queueing;
  const arrival = around.lastReceived ? arrivalOf(around.lastReceived) : Number.NEGATIVE_INFINITY;
  const isBlocked = made.event.via === 'raw' && arrival > at;
  return isBlocked ? event.at > arrival + burst : event.at > (returned?.at ?? at) + queueing;
};

/**
 * What a program has left in the queue, a timer of the kernel may send: the tail loss probe, the persist timer, or that of the pacing. Unknown
 * where a probe was counted that this may be, or a write of the program.
 */
const sentForProgram = (draft: SegmentDraft, around: Surroundings, context: CauseContext): Link | undefined => {
  const { event } = draft;
  if (event.length === 0 || has(event, 'R') || !isAfterPause(event, around)) return undefined;
  const { fired, counted } = context;
  const probe: Link = { kind: 'timer', timer: 'tail-loss-probe' };
  if (fired.isProbeOfNewData(draft)) return probe;
  const isProbed = Number(counted.rise(event.from, 'TcpExt.TCPLossProbes', event.at)) > 0;
  if (isProbed && expiredTimer('on', event, around, context)) return probe;
  const persisted = expiredTimer('persist', event, around, context);
  if (persisted) return persisted;
  if (fired.mayBeProbeOfNewData(draft)) return unknown;
  return isPaced(event, around, context) ? pacingTimer : undefined;
};

/**
 * The last row, taken since something moved, shows a socket that paces (bbr does, net/ipv4/tcp_bbr.c: SK_PACING_NEEDED), with data that wait and
 * that Nagle's algorithm does not hold back: they are a whole segment, or their FIN waits with them.
 */
const isPaced = (
  { from, source, destination, at, length }: SegmentEvent,
  { lastReceived, previousSent }: Surroundings,
  { sightings }: CauseContext,
): boolean => {
  const shown = sightings.last(from, source, destination, at);
  const moved = Math.max(lastReceived ? arrivalOf(lastReceived) : 0, previousSent?.event.at ?? 0);
  if (shown === undefined || shown.sample.begin <= moved) return false;
  const { state, info } = shown.row;
  const isWaiting = Number(info.notsent ?? 0) > 0 && Number(info.unacked ?? 0) < Number(info.cwnd ?? 0);
  return info.bbr !== undefined && isWaiting && (length >= Number(info.mss) || isClosing.has(state));
};

const pacingTimer: Link = { kind: 'timer', timer: 'pacing' };
const isClosing: ReadonlySet<string> = new Set(['FIN-WAIT-1', 'CLOSING', 'LAST-ACK']);

/** Data sent for the first time, with a pause since what was sent before. */
const isAfterPause = (event: SegmentEvent, { previousSent }: Surroundings): boolean =>
  event.role === undefined &&
  event.length > 0 &&
  event.at - (previousSent?.event.at ?? Number.NEGATIVE_INFINITY) > burst;

/** Whether a segment was sent while the kernel processed an arrival. */
export const isAnswer = ({ event }: SegmentDraft, around: Surroundings): boolean =>
  answered(event, around) !== undefined;

/** What the counters are asked about: new data that a timer may have sent, and ACKs that were no immediate answer. */
export const isForTimer = (draft: SegmentDraft, around: Surroundings, calls: CallIndex): boolean => {
  const { event } = draft;
  if (event.length === 0) return isBareAck(event) && answered(event, around) === undefined;
  const asked = latestAsking(event, { calls });
  if (asked === undefined) return isAfterPause(event, around) && answered(event, around) === undefined;
  if (isHeldUp(event, around, asked.made)) return true;
  if (!isLate(draft, around, asked.made)) return false;
  const arrival = around.lastReceived ? arrivalOf(around.lastReceived) : Number.NEGATIVE_INFINITY;
  const isOver = (asked.made.event.returned?.at ?? asked.made.event.at) < event.at;
  return asked.made.event.at >= arrival || !isOver;
};

/** Data sent after a pause while the call that writes them goes on, and nothing has arrived since it sent the last. */
const isHeldUp = (event: SegmentEvent, around: Surroundings, made: CallDraft): boolean => {
  const { previousSent, lastReceived } = around;
  const { at, returned } = made.event;
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  const since = previousSent?.event.at ?? Number.POSITIVE_INFINITY;
  return isAfterPause(event, around) && since >= at && arrival < since && event.at <= (returned?.at ?? event.at);
};

/** close() and shutdown() send the FIN themselves, where no other process holds the socket and nothing is before it in the queue. */
const isUnderWay = ({ made }: Found, at: number): boolean => at <= (made.event.returned?.at ?? at) + queueing;

/** What a call has put into the queue leaves it this soon, where nothing holds it up: the softirq of another core (ns). */
const queueing = 5e6;

/** Beyond the handshake: an acknowledgement of what had been sent makes room for more. */
const acknowledgesData = (event: SegmentEvent) => isBareAck(event) && event.ack > 1;

const latestAsking = (event: SegmentEvent, { calls }: Pick<CauseContext, 'calls'>): Found | undefined => {
  const { from, connection, source, at } = event;
  const closing = calls.latest('close', from, connection, at);
  if (!has(event, 'F') && !has(event, 'R')) {
    const writing = calls.latest('write', from, connection, at);
    // Node's end('last words') writes as well.
    const { api, args } = closing?.call.event ?? {};
    const writes =
      closing && api === 'end' && args?.length && (!writing || writing.made.event.at < closing.call.event.at);
    if (writes) return { call: closing.call, made: closing.call };
    // What was kept back until now leaves within the call that lets it go.
    const push = calls.latest('push', from, connection, at);
    return writing && push && push.made.event.at > writing.made.event.at && isUnderWay(push, at) ? push : writing;
  }
  if (closing) return closing;
  const listener = has(event, 'R') ? calls.latestOnListener('close', from, source.port, at) : undefined;
  return listener && isUnderWay(listener, at) ? listener : undefined;
};

/**
 * tcp_keepalive_timer() resets when as many probes as TCP_KEEPCNT, or TCP_USER_TIMEOUT, allow went without an answer, and counts that
 * (tcp_write_err()); where nobody read the counters, the last row of ss must show the timer to have run out by then.
 */
const gaveUp = (event: SegmentEvent, around: Surroundings, context: CauseContext): boolean => {
  const { lastReceived, previousSent } = around;
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  if (previousSent?.event.role !== 'keepalive-probe' || previousSent.event.at < arrival) return false;
  const { from, source, destination, at } = event;
  const counted = context.counted.rise(from, 'TcpExt.TCPAbortOnTimeout', at);
  return counted !== 0 && !isNotDue(context.sightings.last(from, source, destination, at), at);
};

/** A row that shows a timer which was to run out later. */
const isNotDue = (sighting: Sighting | undefined, at: number): boolean => {
  const armed = sighting?.row.timer;
  return (
    sighting !== undefined && armed !== undefined && at < sighting.sample.begin + armed.expiresMs * 1e6 - timerSlack
  );
};

const socketOf = ({ from, connection, source }: SegmentEvent): SocketEnd => ({
  host: from,
  connection,
  port: source.port,
});

/** Where no process that is driven call by call holds the socket: the input it was given if it sends just that, else the program itself. */
const unseenProgram = (event: SegmentEvent, { calls, holders, connections, ends }: CauseContext): Link | undefined => {
  const { from, connection, at, payload } = event;
  if (holders.ever(socketOf(event)).size > 0) return undefined;
  const program = holders.program(from, connections[connection]?.begin ?? at, at);
  if (!program) return undefined;
  const input = payload === undefined ? undefined : calls.latestInput(from, at);
  const able = [program.of].flat().map(nameOf);
  if (input && able.includes(input.event.process) && isSaidIn(input, event)) return call(input);
  if (program.kind === 'program' && payload === undefined) {
    const end = ends.within(from, [nameOf(program.of)], [at, at]);
    if (end && ends.isKilled(end)) return { kind: 'process-end', of: end };
  }
  return program;
};

const nameOf = ({ event }: Draft): string => ('process' in event ? event.process : '');

/** Whether the segment holds what the program was given, the whole of it or, of more than a segment takes, a part. */
const isSaidIn = ({ event: { args } }: CallDraft, { payload = '', length, options }: SegmentEvent): boolean =>
  args.some((text) => {
    if (typeof text !== 'string') return false;
    const bytes = Buffer.from(text);
    const isWhole = bytes.length === length || bytes.length > (options.mss ?? smallestSegment);
    return isWhole && bytes.toString('hex').includes(payload);
  });

/** Bytes that every segment may hold (RFC 9293, section 3.7.1). */
const smallestSegment = 536;

/** The kernel closes what a process leaves open: its end, if it can have been now and the process still held the socket. */
const endOfHolder = (event: SegmentEvent, { holders, ends }: CauseContext): Link | undefined => {
  const { from, at } = event;
  const still = holders.at(socketOf(event), at);
  const ended = ends.within(from, still, [at, at]);
  if (ended) return { kind: 'process-end', of: ended };
  const ending = ends.untold(from, still, at);
  return ending && call(ending);
};

/**
 * A timer the last row shows to have run out by now: keepalive gives up with a reset, the persist timer sends what a small window
 * lets through (Linux tcp_write_wakeup).
 */
const expiredTimer = (
  name: 'on' | 'keepalive' | 'persist',
  event: SegmentEvent,
  { lastReceived, previousSent }: Surroundings,
  { sightings }: CauseContext,
): Extract<Link, { kind: 'timer' }> | undefined => {
  const { from, source, destination, at } = event;
  const sighting = sightings.last(from, source, destination, at);
  const armed = sighting?.row.timer;
  // Whatever was sent or arrived after the sample may have stopped the timer.
  const since = Math.max(lastReceived ? arrivalOf(lastReceived) : 0, previousSent?.event.at ?? 0);
  if (!sighting || armed?.name !== name || sighting.sample.end < since) return undefined;
  const due = sighting.sample.begin + armed.expiresMs * 1e6;
  return at >= due - timerSlack ? { kind: 'timer', timer: name, sample: sighting.sample.id } : undefined;
};

/** RFC 8985, section 7.3: when the answers stay away, the tail loss probe sends the next data there are. */
const lossProbe = (
  event: SegmentEvent,
  asked: CallDraft,
  around: Surroundings,
  context: CauseContext,
): Link | undefined => {
  const { previousSent } = around;
  if (!previousSent || event.length === 0 || previousSent.event.at < asked.event.at) return undefined;
  if (event.at - previousSent.event.at <= burst) return undefined;
  if (context.counted.rise(event.from, 'TcpExt.TCPLossProbes', event.at) === 0) return undefined;
  const expired = expiredTimer('on', event, around, context);
  return expired && { ...expired, timer: 'tail-loss-probe' };
};

/** What one call sends leaves without pauses this long (ns). */
const burst = 5e6;

/** ss rounds what is left of a timer to a jiffy, and is not read at one instant (ns). */
const timerSlack = 20e6;

/** Whether data waited to be sent when the segment arrived: then its acknowledgement, not the call long ago, set them free. */
const wasBacklogged = (
  { from, source, destination }: SegmentEvent,
  arrival: number,
  { sightings }: CauseContext,
): boolean => Number(sightings.last(from, source, destination, arrival)?.row.info.notsent ?? 0) > 0;

const causeOfAck = (draft: SegmentDraft, around: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { from, connection, at } = event;
  const { lastReceived, lastUnanswered } = around;
  const immediate = answered(event, around);
  if (immediate) return immediate;
  const byTimer = context.fired.isDelayedAck(draft);
  if (byTimer) return delayedAckTimer;
  const { calls, holders, connections } = context;
  const reading = calls.latest('read', from, connection, at)?.call;
  const isRead = reading && lastReceived && reading.event.at >= arrivalOf(lastReceived);
  if (isRead && (event.role === 'window-update' || at - reading.event.at < readingTakes)) return call(reading);
  const known = holders.ever(socketOf(event));
  const program = known.size > 0 ? undefined : holders.program(from, connections[connection]?.begin ?? at, at);
  if (event.role === 'window-update') {
    // A process that runs again reads what has come meanwhile.
    const thaw = calls.latestThaw(from, known, at);
    if (thaw && lastReceived && thaw.event.at >= arrivalOf(lastReceived)) return call(thaw);
    if (program) return program;
  }
  const isLate = isLateAck(draft, around);
  // Without a reading of the counters only the time tells.
  if (isLate && byTimer === undefined && context.counted.rise(from, 'TcpExt.DelayedACKs', at) === undefined)
    return delayedAckTimer;
  // Some of several were the timer's, and nothing says which.
  if (isLate && byTimer === undefined) return unknown;
  // What reads the data acknowledges them (tcp_cleanup_rbuf()), long after the kernel has done with the arrival.
  if (program && lastReceived && (isLate || at - arrivalOf(lastReceived) > softirq)) return program;
  const cause = lastUnanswered ?? lastReceived;
  return cause ? segment(cause) : unknown;
};

const delayedAckTimer: Link = { kind: 'timer', timer: 'delayed-ack' };

/** An ACK so long after what it acknowledges as the delayed-ACK timer sends one. */
export const isLateAck = ({ event }: SegmentDraft, { firstUnanswered }: Surroundings): boolean =>
  isBareAck(event) && firstUnanswered !== undefined && event.at - arrivalOf(firstUnanswered) >= delayedAck;

/** TCP_DELACK_MIN is 40 ms (include/net/tcp.h), and a jiffy may be missing (ns). */
const delayedAck = 35e6;
/** What the kernel does with an arrival is done this long after it at most (ns). */
const softirq = 1e6;
/** An ACK this soon after a read that took data out of the buffer is the read's (Linux tcp_cleanup_rbuf; ns). */
const readingTakes = 5e6;
