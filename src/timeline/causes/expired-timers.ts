// Timers that ss shows to have run out by the time a segment was sent.
import type { SocketTimer } from '../../record/samples.ts';
import type { Link } from '../draft.ts';
import type { Sighting } from '../reading/sightings.ts';
import type { SegmentEvent } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import { arrivalOf, type CauseContext, lastMoved } from './causes.ts';

/** A kernel timer, with the last sample since the side's previous segment that shows it armed. */
export const timer = (
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

/**
 * A timer the last row shows to have run out by now: keepalive gives up with a reset, the persist timer sends what a small window
 * lets through (Linux tcp_write_wakeup).
 */
export const expiredTimer = (
  name: 'on' | 'keepalive' | 'persist',
  event: SegmentEvent,
  nearby: Surroundings,
  { sightings }: CauseContext,
): Extract<Link, { kind: 'timer' }> | undefined => {
  const { from, source, destination, at } = event;
  const sighting = sightings.last(from, source, destination, at);
  const armed = sighting?.row.timer;
  // Whatever was sent or arrived after the sample may have stopped the timer.
  if (!sighting || armed?.name !== name || sighting.sample.end < lastMoved(nearby)) return undefined;
  const due = sighting.sample.begin + armed.expiresMs * 1e6;
  return at >= due - timerSlack ? { kind: 'timer', timer: name, sample: sighting.sample.id } : undefined;
};

/**
 * tcp_keepalive_timer() resets when as many probes as TCP_KEEPCNT, or TCP_USER_TIMEOUT, allow went without an answer,
 * and counts that (tcp_write_err()); where nobody read the counters, the last row of ss must show the timer to have run
 * out by then.
 */
export const gaveUp = (event: SegmentEvent, nearby: Surroundings, context: CauseContext): boolean => {
  const { lastReceived, previousSent } = nearby;
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

/** ss rounds what is left of a timer to a jiffy, 4 ms with the usual HZ of 250 (ns). */
const timerSlack = 5e6;
