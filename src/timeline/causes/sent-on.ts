// Data that were written before, and that the kernel sends on when it may: upon an arrival, or when a socket that paces
// has waited its time.
import type { SocketRow } from '../../record/samples.ts';
import type { CallDraft } from '../calls/api-events.ts';
import type { Link } from '../draft.ts';
import type { SegmentEvent } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import { isDataAlone } from '../segments/segment-flags.ts';
import { givenBy, queueing } from './asking.ts';
import { answered, arrivalOf, type CauseContext, unknown } from './causes.ts';
import { doesPace, headers, longestPause, paces } from './pacing.ts';

/** Who lets go what was written long ago: an arrival that makes room, or the timer of a socket that paces. */
export const sentOn = (event: SegmentEvent, nearby: Surroundings, context: CauseContext): Link => {
  const { lastReceived } = nearby;
  const now = released(event, nearby, context);
  if (now) return now;
  const row = context.sightings.last(event.from, event.source, event.destination, event.at)?.row;
  if (row && doesPace(row.info)) return pacingTimer;
  if (lastReceived && event.at - arrivalOf(lastReceived) <= queueing) return { kind: 'segment', of: lastReceived };
  return unknown;
};

/** What an arrival has let go at once, or the timer of the pacing after it. */
export const released = (event: SegmentEvent, nearby: Surroundings, context: CauseContext): Link | undefined =>
  isSpaced(event, nearby, context) ? pacingTimer : answered(event, nearby);

/** Whether ss showed data as written, and the call that is to have sent them as over, before they were sent. */
export const wasLeft = (event: SegmentEvent, made: CallDraft, { sightings }: CauseContext): boolean => {
  const { from, source, destination, at } = event;
  const shown = sightings.last(from, source, destination, at);
  const end = givenBy(made) ?? Number.POSITIVE_INFINITY;
  return shown !== undefined && end <= shown.sample.begin && isDataAlone(event) && isWritten(event, shown.row);
};

/** Sent for the first time by a socket that paces, of what it had in its queue, when its turn can have come. */
const isSpaced = (event: SegmentEvent, nearby: Surroundings, { sightings }: CauseContext): boolean => {
  const { from, source, destination, at, role } = event;
  const { previousSent, lastReceived } = nearby;
  if (leavesWithPaced(event, nearby)) return true;
  const row = sightings.last(from, source, destination, at)?.row;
  if (role !== undefined || !row || !previousSent || !isDataAlone(event) || !isWritten(event, row)) return false;
  const since = at - previousSent.event.at;
  const arrival = lastReceived ? arrivalOf(lastReceived) : Number.NEGATIVE_INFINITY;
  const { length } = previousSent.event;
  const turn = (length * 8 * 1e9) / Number.parseFloat(String(row.info.pacing_rate));
  const isTurn = since >= turn * shortest && since <= longestPause(row.info, length + headers);
  return paces(row.info) && isTurn && at - arrival > atOnce;
};

/**
 * After a pause a socket waits half a turn only (tcp_update_skb_after_send(), net/ipv4/tcp_output.c), and its rate may
 * have been a little higher when it sent than when ss looked.
 */
const shortest = 0.5 * 0.9;

/** Right after data that were let go by the timer of the pacing, a part of the same: what is written then waits again. */
export const leavesWithPaced = ({ at, role }: SegmentEvent, { previousSent }: Surroundings): boolean =>
  role === undefined &&
  previousSent?.cause?.kind === 'timer' &&
  previousSent.cause.timer === 'pacing' &&
  at - previousSent.event.at < together;

/** What leaves in one go (ns). */
const together = 200_000;

/** The last byte of the segment was in the queue, or acknowledged, when ss looked. SYN and FIN may count as well. */
const isWritten = ({ seq, length }: SegmentEvent, { info, sendQ }: SocketRow): boolean =>
  Number(info.bytes_acked ?? 0) + sendQ >= seq + length - 2;

/** What an arrival makes the kernel send is sent while the kernel processes it (ns). */
const atOnce = 500_000;

export const pacingTimer: Link = { kind: 'timer', timer: 'pacing' };
