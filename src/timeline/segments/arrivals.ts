// What a socket makes of the segments that arrive (RFC 9293, section 3.10.7; RFC 5961): which it takes at all, with
// which its peer's FIN is complete, which reset it obeys. What it has sent itself says what it had received by then,
// and how large a window it had left.

import { itemAt } from '../../record/item-at.ts';
import type { SegmentEvent } from '../schema.ts';
import { endOf, has } from './segment-flags.ts';
import type { SegmentDraft } from './segments.ts';

export type Arrival = {
  /** Within the window, and it acknowledges nothing that was never sent: only then its flags and its ACK count. */
  isTaken: boolean;
  /**
   * With it everything up to and with the peer's FIN has come, and the host has not acknowledged that yet. A kernel may
   * drop what it could take (no room in an accept queue, PAWS, a filter): the FIN that comes again is then the one that
   * counts.
   */
  completesFin: boolean;
  /** A reset at exactly the number that is expected next, or in SYN-SENT one that acknowledges the SYN. */
  isReset: boolean;
};

/** What the arrivals on one connection were to the host that received them. */
export type Arrivals = (draft: SegmentDraft) => Arrival;

/**
 * `received` and `sent` are those of one host on one pair of endpoints, in order of time; `arrivalOf` gives the time of
 * an arrival.
 */
export const followArrivals = (
  { received, sent }: { received: readonly SegmentDraft[]; sent: readonly SegmentDraft[] },
  connection: number,
  arrivalOf: (draft: SegmentDraft) => number,
): Arrivals => {
  const known = new Map<SegmentDraft, Arrival>();
  const side: Side = { gaps: [] };
  let own = 0;
  for (const draft of received) {
    for (; own < sent.length && itemAt(sent, own).event.at <= arrivalOf(draft); own++)
      send(side, itemAt(sent, own).event);
    known.set(draft, receive(side, draft.event, draft.event.connection === connection));
  }
  return (draft) => known.get(draft) ?? nothing;
};

const nothing: Arrival = { isTaken: false, completesFin: false, isReset: false };

/** Sequence numbers are absolute, modulo 2^32. */
type Side = {
  /** RCV.NXT; absent before the peer's SYN. */
  next?: number;
  /** What has come beyond it. */
  gaps: [begin: number, end: number][];
  /** SND.NXT. */
  sentNext?: number;
  /** The acknowledgement sent last, and the right edge of the window left with it. */
  acknowledged?: number;
  /** The same, while it leaves out what had come by then: there was no room, and it was dropped. */
  leftAt?: number;
  edge?: number;
  scale?: number;
  peerScale?: number;
  /** The number after the peer's FIN. */
  afterFin?: number;
  isFinTaken?: true;
  isFinAcknowledged?: true;
};

/** How far `a` is after `b`. */
const after = (a: number, b: number): number => (a - b) | 0;
const endIn = (event: SegmentEvent) => event.absolute.seq + endOf(event) - event.seq;

const send = (side: Side, event: SegmentEvent) => {
  if (has(event, 'R')) return;
  const end = endIn(event);
  if (side.sentNext === undefined || after(end, side.sentNext) > 0) side.sentNext = end;
  if (has(event, 'S')) side.scale = event.options.windowScale;
  if (!has(event, '.')) return;
  const { ack } = event.absolute;
  side.leftAt = side.next !== undefined && after(side.next, ack) > 0 ? ack : undefined;
  if (side.next === undefined || after(ack, side.next) > 0) advance(side, ack);
  side.acknowledged = ack;
  if (side.afterFin !== undefined && after(ack, side.afterFin) >= 0) side.isFinAcknowledged = true;
  const isScaled = !has(event, 'S') && side.scale !== undefined && side.peerScale !== undefined;
  const edge = ack + event.window * (isScaled ? 2 ** (side.scale ?? 0) : 1);
  if (side.edge === undefined || after(edge, side.edge) > 0) side.edge = edge;
};

const receive = (side: Side, event: SegmentEvent, isOwn: boolean): Arrival => {
  const { seq, ack } = event.absolute;
  const end = endIn(event);
  const acknowledges = !has(event, '.') || (side.sentNext !== undefined && after(ack, side.sentNext) <= 0);
  if (side.next === undefined) {
    if (has(event, 'R'))
      return { ...nothing, isReset: has(event, '.') && side.sentNext !== undefined && after(ack, side.sentNext) === 0 };
    if (!isOwn || !has(event, 'S') || !acknowledges) return nothing;
    side.peerScale = event.options.windowScale;
    side.next = end;
    return { ...nothing, isTaken: true };
  }
  const isInWindow =
    after(end, side.acknowledged ?? side.next) >= 0 && (side.edge === undefined || after(seq, side.edge) <= 0);
  if (has(event, 'R')) {
    const expected = [side.next, ...(side.isFinTaken ? [side.next - 1] : []), ...side.gaps.map(([, last]) => last)];
    if (side.leftAt !== undefined) expected.push(side.leftAt);
    return { ...nothing, isTaken: isInWindow, isReset: expected.some((number) => after(seq, number) === 0) };
  }
  if (!isInWindow || !acknowledges) return nothing;
  if (has(event, 'F')) side.afterFin = end;
  const wasTaken = side.isFinTaken;
  side.gaps.push([seq, end]);
  advance(side, side.next);
  const completes = side.isFinTaken === true && !side.isFinAcknowledged && (!wasTaken || has(event, 'F'));
  return { ...nothing, isTaken: true, completesFin: completes };
};

/** Everything up to `next` has come, and what follows on it. */
const advance = (side: Side, first: number) => {
  let next = first;
  for (let isMoving = true; isMoving; ) {
    const following = side.gaps.find(([begin, end]) => after(begin, next) <= 0 && after(end, next) > 0);
    isMoving = following !== undefined;
    if (following) next = following[1];
  }
  side.next = next;
  side.gaps = side.gaps.filter(([, end]) => after(end, next) > 0);
  if (side.afterFin !== undefined && after(next, side.afterFin) >= 0) side.isFinTaken = true;
};
