// Which of the kernel's timers sent a segment again. ss shows both as `on`: the retransmission timeout (RFC 6298), and
// the tail loss probe (RFC 8985, section 7), which sends the last segment of a flight, once, before the timeout, and
// backs nothing off.

import type { SocketRow } from '../../record/samples.ts';
import { jiffy, type Sightings } from '../reading/sightings.ts';
import type { Cause } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { arrivalOf } from './causes.ts';
import type { FiredTimers } from './fired-timers.ts';
import { doesPace, headers, longestPause } from './pacing.ts';

type TimerCause = Extract<Cause, { kind: 'timer' }>;
type Timer = 'on' | 'tail-loss-probe' | undefined;

/** The timer behind a retransmission that no arrival brought about; `retransmission` where nothing decides. */
export const retransmissionTimer = (
  draft: SegmentDraft,
  nearby: Surroundings,
  sightings: Sightings,
  fired: FiredTimers,
): TimerCause => {
  const { from, source, destination, at } = draft.event;
  const since = nearby.previousSent?.event.at ?? Number.NEGATIVE_INFINITY;
  const armed = sightings.armed(from, source, destination, 'on', at, since);
  const before = sightings.last(from, source, destination, at)?.row;
  const after = sightings.next(from, source, destination, at)?.row;
  const likely =
    byTurn(nearby) ??
    (before && after && byBackoff(before, after)) ??
    byPlace(draft, nearby) ??
    (before && byTime(before, draft, nearby));
  if (isTooSoon(draft, nearby) && fired.isRuledOut('on', draft)) return { kind: 'timer', timer: 'fast-retransmission' };
  const isGuess = likely === undefined || isRuledOut(likely, draft, nearby, fired);
  const isOther = likely === 'tail-loss-probe' && fired.mayBeFast(draft);
  const timer = fired.again(draft) ?? (isGuess || isOther ? 'retransmission' : likely);
  const shown = armed && { sample: armed.sample.id };
  if (timer !== 'reordering') return { kind: 'timer', timer, ...shown };
  // Without SACK there is no such timer (tcp_identify_packet_loss(), net/ipv4/tcp_input.c).
  if (!nearby.lastReceived?.event.options.sack) return { kind: 'timer', timer: 'fast-retransmission' };
  // What is sent again as lost may also have waited for its turn.
  return { kind: 'timer', timer: isBeyondPacing(draft, nearby, before ?? after) ? timer : 'retransmission', ...shown };
};

/**
 * No timer for losses runs out so soon after data were sent, which sets the probe's anew; nor so soon after an arrival,
 * unless it is the probe, which sends the last in flight. They take two jiffies or more (TCP_TIMEOUT_MIN, include/net/tcp.h).
 */
const isTooSoon = (
  { event, retransmissionOf }: SegmentDraft,
  { previousSent, lastReceived, inFlight }: Surroundings,
): boolean => {
  const isLast = retransmissionOf !== undefined && retransmissionOf === inFlight?.at(-1);
  const sent = previousSent && previousSent.event.length > 0 ? previousSent.event.at : Number.NEGATIVE_INFINITY;
  const arrival = lastReceived && !isLast ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  return event.at - Math.max(sent, arrival) < shortestTimer;
};

/** A timer of two jiffies runs out after one at least, 1 ms with an HZ of 1000 (ns). */
const shortestTimer = 1e6;

/**
 * A pause since the last sending that is longer than a socket which paces makes: the time all it had in flight takes at
 * the rate ss shows, times as much as the rate may have been lower.
 */
const isBeyondPacing = (
  { event }: SegmentDraft,
  { previousSent, inFlight = [] }: Surroundings,
  row: SocketRow | undefined,
): boolean => {
  if (!row) return false;
  if (!doesPace(row.info)) return true;
  const bytes = inFlight.reduce((sum, { event: { length } }) => sum + length + headers, 0);
  return event.at - (previousSent?.event.at ?? event.at) > longestPause(row.info, bytes);
};

/** Into a closed window the timeout sends again uncounted (tcp_retransmit_timer(): snd_wnd). */
const isRuledOut = (
  timer: 'on' | 'tail-loss-probe',
  draft: SegmentDraft,
  { lastReceived }: Surroundings,
  fired: FiredTimers,
): boolean => fired.isRuledOut(timer, draft) && !(timer === 'on' && lastReceived?.event.window === 0);

/** After one probe, or one timeout, without an answer only the timeout goes on (tcp_send_loss_probe: tlp_high_seq). */
const byTurn = (nearby: Surroundings): Timer =>
  isSentAgainUnanswered(nearby) && nearby.previousSent?.cause?.kind === 'timer' ? 'on' : undefined;

/** Nothing was sent again since something arrived; and no SYN, for which there is no probe. */
export const isFirst = ({ event }: SegmentDraft, nearby: Surroundings): boolean =>
  !event.flags.includes('S') && !isSentAgainUnanswered(nearby);

/** What was sent before was a retransmission, and nothing has arrived since. */
const isSentAgainUnanswered = ({ previousSent, lastReceived }: Surroundings): boolean => {
  if (previousSent?.event.role !== 'retransmission') return false;
  const arrival = lastReceived && (lastReceived.event.receivedAt ?? lastReceived.event.at);
  return arrival === undefined || arrival < previousSent.event.at;
};

/**
 * Two rows between which the socket sent this one segment, and nothing was acknowledged: a timeout doubles the next
 * one, a probe does not.
 */
const byBackoff = (before: SocketRow, after: SocketRow): Timer => {
  const sent = Number(after.info.segs_out ?? 0) - Number(before.info.segs_out ?? 0);
  const isAcknowledged = after.sendQ < before.sendQ || after.info.bytes_acked !== before.info.bytes_acked;
  if (sent !== 1 || isAcknowledged || after.timer?.name !== 'on') return undefined;
  const backoff = (row: SocketRow) => Number(row.info.backoff ?? 0) + (row.timer?.retransmits ?? 0);
  if (backoff(after) > backoff(before)) return 'on';
  // Segments that were reported as arrived or lost have a timer of their own for reordering (RFC 8985, section 6.2).
  return before.info.sacked === undefined && before.info.lost === undefined && backoff(after) === 0
    ? 'tail-loss-probe'
    : undefined;
};

/** The timeout sends the first segment in flight, the probe the last: where they are two, the segment tells. */
const byPlace = ({ retransmissionOf }: SegmentDraft, { inFlight, lastReceived }: Surroundings): Timer => {
  if (lastReceived?.event.options.sack) return undefined; // the timer for reordering sends what the others did not
  const [first, last] = [inFlight?.at(0), inFlight?.at(-1)];
  if (!retransmissionOf || first === last) return undefined;
  if (retransmissionOf === first) return 'on';
  return retransmissionOf === last ? 'tail-loss-probe' : undefined;
};

/** A timeout never comes before the first segment in flight is as old as ss says the timeout is. */
const byTime = ({ info, timer }: SocketRow, { event }: SegmentDraft, { inFlight }: Surroundings): Timer => {
  const first = inFlight?.[0];
  if (!first || info.sacked !== undefined || typeof info.rto !== 'string' || timer?.retransmits) return undefined;
  return event.at < first.event.at + Number(info.rto) * 1e6 - jiffy ? 'tail-loss-probe' : undefined;
};
