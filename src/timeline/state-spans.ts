// When a change of state can have happened. Two samples bound it; what else is known of the socket narrows that: it
// sends nothing once it is CLOSED, it has sent nothing before it left CLOSED, a report of its destruction or of its
// error comes after its end, and no timer is early.

import type { DestroyedSocket } from '../record/samples.ts';
import type { ApiEvents } from './api-events.ts';
import { arrivalOf } from './causes.ts';
import type { Link } from './draft.ts';
import { endOf, has } from './roles.ts';
import type { Connection, SegmentEvent } from './schema.ts';
import type { Sightings } from './sightings.ts';
import type { StateContext, Traffic } from './state-surroundings.ts';
import type { StateDraft } from './states.ts';
import type { Surroundings } from './transitions.ts';

/** From and to, nanoseconds since the start of the run. */
export type Span = [number, number];

export type SpanEvidence = {
  traffic: StateContext['traffic'];
  apiEvents: ApiEvents;
  connections: readonly Connection[];
  destroyed: readonly DestroyedSocket[];
  sightings: Sightings;
};

/** What arrived between the two samples, by which it can be told whether the change is one transition. */
export const surroundingsOf = ({ event }: StateDraft, { traffic, connections }: SpanEvidence): Surroundings => {
  const {
    host,
    connection,
    between: [begin, end],
  } = event;
  if (connection === undefined) return { isOpener: false, arrived: [], span: end - begin };
  const { sent, received } = traffic(host, connection);
  const fin = sent.find(({ event: one }) => one.connection === connection && has(one, 'F'))?.event;
  return {
    isOpener: connections[connection]?.opener === host,
    arrived: received.filter((one) => arrivalOf(one) >= begin && arrivalOf(one) <= end).map((one) => one.event),
    ...(fin && { afterFin: endOf(fin), finSent: fin.at >= begin && fin.at <= end }),
    span: end - begin,
  };
};

/** What bounds the change, whatever made it. */
export const boundsOf = (draft: StateDraft, evidence: SpanEvidence): Span => {
  const { event } = draft;
  const { from, to, host, connection } = event;
  let [low, high] = event.between;
  const before = (at: number | undefined) => {
    if (at !== undefined && at >= low) high = Math.min(high, at);
  };
  const after = (at: number | undefined) => {
    if (at !== undefined) low = Math.max(low, Math.min(at, high));
  };
  if (to === 'LISTEN') before(listeningAt(draft, evidence));
  if (to === 'CLOSED') before(reportedAt(draft, evidence));
  if (connection === undefined || from === 'LISTEN') return [low, high];

  const { sent } = evidence.traffic(host, connection);
  const own = sent.filter(({ event: one }) => one.at >= low && one.at <= high && !has(one, 'R'));
  if (to === 'CLOSED') {
    before(toldAt(draft, evidence));
    after(lastSuccess(draft, evidence));
    after(own.findLast(({ event: one }) => one.at <= high)?.event.at);
  } else if (to === 'SYN-SENT' || to === 'SYN-RECEIVED') before(own[0]?.event.at);
  else if (from === 'CLOSED') after(own[0]?.event.at);
  if (to === 'FIN-WAIT-1' || to === 'LAST-ACK') before(own.find(({ event: one }) => has(one, 'F'))?.event.at);
  return [low, high];
};

/**
 * The span once the cause is known, `at` being the moment the cause pins the change to: that of a segment, or of a
 * call, which does its work some time between its begin and its return.
 */
export const spanOf = (
  draft: StateDraft,
  [low, high]: Span,
  { cause, at }: { cause: Link; at?: number | undefined },
  sightings: Sightings,
): Span => {
  if (cause.kind === 'timer')
    return at === undefined ? [clamp(earliestExpiry(draft, sightings), low, high), high] : point(at, low, high);
  // Not before the first of those that may have done it was started.
  if (cause.kind === 'programs') return [clamp(Math.min(...cause.of.map(({ event }) => event.at)), low, high), high];
  if (!('of' in cause)) return at === undefined ? [low, high] : point(at, low, high);
  const { event } = cause.of;
  // A process's end is told after the kernel has closed its sockets.
  if (event.kind === 'process' && event.edge === 'exit')
    return at === undefined
      ? [clamp(event.between?.[0] ?? low, low, high), clamp(event.between?.[1] ?? high, low, high)]
      : point(at, low, high);
  if (event.kind === 'call' && (at === undefined || at <= event.at) && event.at >= low && event.at <= high) {
    // Node returns from a method before it makes the call in the kernel.
    const returned = event.via === 'raw' ? event.returned?.at : undefined;
    return [event.at, returned === undefined ? high : clamp(returned, event.at, high)];
  }
  return at === undefined ? [clamp(event.at, low, high), high] : point(at, low, high);
};

/** Whether the change is known to the millisecond. */
export const isExact = ([low, high]: Span): boolean => high - low <= 1e6;

/** The clocks of captures and samples differ by a little: what is just outside is at the edge. */
const point = (at: number, low: number, high: number): Span => {
  if (at < low - slack || at > high + slack) return [low, high];
  const moment = clamp(at, low, high);
  return [moment, moment];
};
const slack = 1e6;
const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at, low), high);

/** `ss -E` reports a full socket, and nothing of what may stand in its place: TIME-WAIT, or the FIN-WAIT-2 of an orphan. */
const reportedAt = ({ event, rowBefore }: StateDraft, { destroyed, traffic }: SpanEvidence): number | undefined => {
  const { host, from, connection, between } = event;
  if (!rowBefore?.cookie || from === 'TIME-WAIT' || from === 'SYN-RECEIVED') return undefined;
  const report = destroyed.find((one) => one.host === host && one.cookie === rowBefore.cookie && one.at >= between[0]);
  if (!report) return undefined;
  const mayLinger = connection !== undefined && leavesRemnant(traffic(host, connection), connection, report.at);
  return mayLinger ? undefined : report.at;
};

/**
 * The own FIN was acknowledged, and the other's had not arrived before it was sent (tcp_time_wait in
 * net/ipv4/tcp_minisocks.c).
 */
const leavesRemnant = ({ sent, received }: Traffic, connection: number, at: number): boolean => {
  const isFin = ({ event }: { event: SegmentEvent }) => event.connection === connection && has(event, 'F');
  const fin = sent.find(isFin);
  if (!fin || fin.event.at > at) return false;
  const theirs = received.find(isFin);
  if (theirs && arrivalOf(theirs) < fin.event.at) return false;
  return received.some(
    (one) =>
      arrivalOf(one) <= at &&
      one.event.connection === connection &&
      has(one.event, '.') &&
      one.event.ack >= endOf(fin.event),
  );
};

/**
 * When a process was first told that the connection is no more. Node closes the socket of its own accord before it
 * emits 'error'.
 */
const toldAt = ({ event }: StateDraft, { apiEvents: { calls, emits } }: SpanEvidence): number | undefined => {
  const {
    host,
    connection,
    between: [from, to],
  } = event;
  const isOwn = (one: { host: string; connection?: number | undefined }) =>
    one.host === host && one.connection === connection;
  const isWithin = (at: number) => at >= from && at <= to;
  const ends = (errno: string | undefined) => errno !== undefined && endsConnection.has(errno);
  const error = emits.find(({ event: one }) => isOwn(one) && isWithin(one.at) && ends(one.code))?.event;
  const told = calls.flatMap(({ event: one }) => {
    if (!isOwn(one)) return [];
    if (one.returned && ends(one.returned.errno)) return [one.returned.at];
    return error && one.by === 'node' && one.api === 'close' && one.process === error.process && one.at < error.at
      ? [one.at]
      : [];
  });
  const all = [...(error ? [error.at] : []), ...told].filter(isWithin);
  return all.length === 0 ? undefined : Math.min(...all);
};

/** A socket that is CLOSED takes no data and cannot be shut down: send(2) gives EPIPE, shutdown(2) ENOTCONN. */
const lastSuccess = ({ event }: StateDraft, { apiEvents: { calls } }: SpanEvidence): number | undefined =>
  calls.findLast(
    ({ event: one }) =>
      one.host === event.host &&
      one.connection === event.connection &&
      one.via === 'raw' &&
      (one.api === 'send' || one.api === 'shutdown') &&
      one.returned !== undefined &&
      one.returned.errno === undefined &&
      one.at <= event.between[1],
  )?.event.at;

/**
 * What the kernel reports when it has closed a connection: tcp_write_err, tcp_reset (net/ipv4/tcp_timer.c,
 * tcp_input.c), tcp_abort.
 */
const endsConnection = new Set(['ETIMEDOUT', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED']);

const listeningAt = ({ event }: StateDraft, { apiEvents: { emits } }: SpanEvidence): number | undefined => {
  const {
    host,
    local,
    between: [from, to],
  } = event;
  return emits.find(
    ({ event: one }) =>
      one.host === host && one.name === 'listening' && one.local?.port === local.port && one.at >= from && one.at <= to,
  )?.event.at;
};

/** When the timer of the last row can run out at the earliest: kernel timers are never early. */
const earliestExpiry = ({ event, rowBefore }: StateDraft, sightings: Sightings): number => {
  const [from] = event.between;
  if (!rowBefore?.timer) return from;
  // ss reads its rows some time between the sample's begin and end: every sample of one arming narrows down when it runs out.
  let due: Span | undefined;
  for (const { sample, row } of sightings.backwards(event.host, event.local, event.peer, from)) {
    if (due === undefined && row !== rowBefore) return from;
    if (row.state !== rowBefore.state || row.timer?.name !== rowBefore.timer.name) break;
    const { expiresMs, resolutionMs } = row.timer;
    const [low, high] = due ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const narrowed: Span = [
      Math.max(low, sample.begin + expiresMs * 1e6),
      Math.min(high, sample.end + (expiresMs + resolutionMs) * 1e6),
    ];
    if (narrowed[0] > narrowed[1] + jiffy) break; // it was armed anew
    due = narrowed;
  }
  return due?.[0] ?? from;
};

/** ss gives what is left of a timer in whole jiffies: 4 ms where HZ is 250, 10 ms at most (ns). */
const jiffy = 10e6;
