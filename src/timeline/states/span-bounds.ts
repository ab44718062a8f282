// What narrows the span of a change of state: reports of the end, calls, timers.

import { isSystemCall } from '../../record/part-records.ts';
import type { DestroyedSocket } from '../../record/samples.ts';
import type { ApiEvents } from '../calls/api-events.ts';
import { arrivalOf } from '../causes/causes.ts';
import { jiffy, type Sightings } from '../reading/sightings.ts';
import type { Connection, SegmentEvent } from '../schema.ts';
import { endOf, has } from '../segments/segment-flags.ts';
import type { StateContext, Traffic } from './state-surroundings.ts';
import type { StateDraft } from './states.ts';

/** From and to, nanoseconds since the start of the run. */
export type Span = [number, number];

export type SpanEvidence = {
  traffic: StateContext['traffic'];
  apiEvents: ApiEvents;
  connections: readonly Connection[];
  destroyed: readonly DestroyedSocket[];
  sightings: Sightings;
  /** Every change of state. */
  states: readonly StateDraft[];
};

/** `ss -E` reports a full socket, and nothing of what may stand in its place: TIME-WAIT, or the FIN-WAIT-2 of an orphan. */
export const destroyedAt = (
  { event, rowBefore }: StateDraft,
  { destroyed, traffic }: SpanEvidence,
): number | undefined => {
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
 * When a process first learned that the connection is no more. Node closes the socket of its own accord before it
 * emits 'error'.
 */
export const learnedAt = ({ event }: StateDraft, { apiEvents: { calls, emits } }: SpanEvidence): number | undefined => {
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
  const returns = calls.flatMap(({ event: one }) => {
    if (!isOwn(one)) return [];
    if (one.returned && ends(one.returned.errno)) return [one.returned.at];
    return error && one.by === 'node' && one.api === 'close' && one.process === error.process && one.at < error.at
      ? [one.at]
      : [];
  });
  const all = [...(error ? [error.at] : []), ...returns].filter(isWithin);
  return all.length === 0 ? undefined : Math.min(...all);
};

/** A socket that is CLOSED takes no data and cannot be shut down: send(2) gives EPIPE, shutdown(2) ENOTCONN. */
export const lastSuccess = ({ event }: StateDraft, { apiEvents: { calls } }: SpanEvidence): number | undefined =>
  calls.findLast(
    ({ event: one }) =>
      one.host === event.host &&
      one.connection === event.connection &&
      isSystemCall(one) &&
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

export const listeningAt = ({ event }: StateDraft, { apiEvents: { emits } }: SpanEvidence): number | undefined => {
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
export const earliestExpiry = ({ event, rowBefore }: StateDraft, sightings: Sightings): number => {
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
