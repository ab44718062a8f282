// Why a segment was sent. In order of strength: what the wire made, what a kernel timer sends (the role tells), what the kernel sent while
// it processed an arrival, what a call asked for since the last arrival, what the end of a process left to the kernel.
import type { CallDraft } from './api-events.ts';
import type { CallIndex } from './calls.ts';
import type { Draft, Link } from './draft.ts';
import { has, type Surroundings } from './roles.ts';
import type { SegmentEvent, SocketTimer } from './schema.ts';
import type { SegmentDraft } from './segments.ts';
import type { Sightings } from './sightings.ts';

export type CauseContext = {
  calls: CallIndex;
  sightings: Sightings;
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
  if (has(event, 'S')) return causeOfSyn(event, around, context);
  // A retransmission the kernel makes while it processes an arrival is a fast one (RFC 5681, section 3.2; RFC 8985).
  if (event.role === 'retransmission') return answered(event, around) ?? timer('on', event, around, context);
  if (has(event, 'R')) return causeOfReset(event, around, context);
  if (has(event, 'F') || event.length > 0) return causeOfSending(event, around, context);
  return causeOfAck(event, around, context);
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

const causeOfSyn = (event: SegmentEvent, around: Surroundings, context: CauseContext): Link => {
  const { calls } = context;
  const { from, connection, destination, at } = event;
  if (has(event, '.')) {
    if (event.role === 'retransmission') return answered(event, around) ?? timer('on', event, around, context);
    return around.lastReceived ? segment(around.lastReceived) : unknown;
  }
  if (event.role === 'retransmission') return timer('on', event, around, context);
  const own = calls.latest('connect', from, connection, at);
  if (own) return call(own);
  // Nobody's connect: a program made it, when it was started or when it was told to.
  const program = calls.latestProgram(from, at);
  const asked = later(
    calls.latestInput(from, at),
    calls.latestConnectTo(from, destination.address, destination.port, at),
  );
  if (asked && asked.event.at >= (program?.event.at ?? 0)) return call(asked);
  return program ? { kind: 'process-start', of: program } : unknown;
};

const later = (a: CallDraft | undefined, b: CallDraft | undefined) =>
  a && b ? (a.event.at > b.event.at ? a : b) : (a ?? b);

/** RFC 9293, section 3.10.7.1: the reset that answers a segment has no ACK, or sequence number zero where that segment had none. */
const causeOfReset = (event: SegmentEvent, around: Surroundings, context: CauseContext): Link => {
  const { lastReceived } = around;
  const answers =
    !has(event, '.') || (event.absolute.seq === 0 && lastReceived !== undefined && !has(lastReceived.event, '.'));
  if (answers && lastReceived) return segment(lastReceived);
  return causeOfSending(event, around, context);
};

/** Data, FIN and the reset of an abort: somebody asked for it, or an arrival released it. */
const causeOfSending = (event: SegmentEvent, around: Surroundings, context: CauseContext): Link => {
  const { calls } = context;
  const { from, connection, source, at, step } = event;
  const { lastReceived } = around;
  const asked = latestAsking(event, context);
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  const closes = has(event, 'F') || has(event, 'R');
  // A close() steps ago sent nothing where another process holds the socket too: that one's end may.
  const isDecided = asked !== undefined && asked.event.at >= arrival && !(closes && asked.event.step !== step);
  if (isDecided) return lossProbe(event, asked, around, context) ?? call(asked);
  const released = answered(event, around);
  if (released) return released;

  const holders = calls.holders(from, connection, source.port);
  const input = holders.size === 0 ? calls.latestInput(from, at) : undefined;
  if (input && input.event.at >= arrival) return call(input);
  if (closes && !(asked && asked.event.step === step)) {
    const ended = calls.processEnd(from, holders, at, step);
    if (ended) return { kind: 'process-end', of: ended };
    const ending = calls.latestEnding(from, holders, at, step);
    if (ending) return call(ending);
  }
  const expired = expiredTimer(has(event, 'R') ? 'keepalive' : 'persist', event, around, context);
  if (expired) return expired;
  if (asked && !(lastReceived && wasBacklogged(event, arrival, context))) return call(asked);
  return lastReceived ? segment(lastReceived) : unknown;
};

const latestAsking = (event: SegmentEvent, { calls }: CauseContext): CallDraft | undefined => {
  const { from, connection, source, at, step } = event;
  const closes = has(event, 'F') || has(event, 'R');
  const closing = calls.latest('close', from, connection, at);
  if (!closes) {
    const writing = calls.latest('write', from, connection, at);
    // end('last words') writes as well.
    const writes = closing?.event.args.length && (!writing || writing.event.at < closing.event.at);
    return writes ? closing : writing;
  }
  if (closing) return closing;
  const listener = calls.latestOnListener('close', from, source.port, at);
  return has(event, 'R') && listener?.event.step === step ? listener : undefined;
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
): Link | undefined => {
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
  return event.at - previousSent.event.at > burst ? expiredTimer('on', event, around, context) : undefined;
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

const causeOfAck = (event: SegmentEvent, around: Surroundings, context: CauseContext): Link => {
  const { from, connection, source, at, step } = event;
  const { lastReceived, firstUnanswered, lastUnanswered } = around;
  const immediate = answered(event, around);
  if (immediate) return immediate;
  const reading = context.calls.latest('read', from, connection, at);
  const isRead = reading && lastReceived && reading.event.at >= arrivalOf(lastReceived);
  if (isRead && (event.role === 'window-update' || at - reading.event.at < readingTakes)) return call(reading);
  if (event.role === 'window-update') {
    // A process that runs again reads what has come meanwhile.
    const thaw = context.calls.latestThaw(from, context.calls.holders(from, connection, source.port), at, step);
    if (thaw) return call(thaw);
  }
  if (firstUnanswered && at - arrivalOf(firstUnanswered) >= delayedAck) return { kind: 'timer', timer: 'delayed-ack' };
  const cause = lastUnanswered ?? lastReceived;
  return cause ? segment(cause) : unknown;
};

/** TCP_DELACK_MIN is 40 ms (include/net/tcp.h), and a jiffy may be missing (ns). */
const delayedAck = 35e6;
/** An ACK this soon after a read that took data out of the buffer is the read's (Linux tcp_cleanup_rbuf; ns). */
const readingTakes = 5e6;
