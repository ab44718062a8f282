// What one side of a connection has sent and learned, by sequence numbers.
import { itemAt } from '../../record/item-at.ts';
import type { SegmentEvent } from '../schema.ts';
import { endOf, has } from './segment-flags.ts';
import type { SegmentDraft } from './segments.ts';

/** What one side of a connection has sent and learned. */
export type Numbers = {
  previousSent?: SegmentDraft;
  /** Segments that sent something for the first time, by ascending sequence number. */
  originals: SegmentDraft[];
  /** The sequence number after everything sent so far (SND.NXT of RFC 9293, but never going back). */
  next?: number;
  lastAck?: number;
  lastWindow?: number;
  scale?: number;
  /** The highest acknowledgement received (SND.UNA), and the peer's last window. */
  acknowledged?: number;
  peerWindow?: number;
};

/** The segment that first sent what this one begins with. */
export const findOriginal = ({ originals, next }: Numbers, event: SegmentEvent): SegmentDraft | undefined => {
  if (next === undefined || event.seq >= next || endOf(event) === event.seq) return undefined;
  let low = 0;
  let high = originals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (itemAt(originals, middle).event.seq <= event.seq) low = middle + 1;
    else high = middle;
  }
  const original = originals[low - 1];
  if (!original || (has(event, 'S') && original.event.absolute.seq !== event.absolute.seq)) return undefined;
  return original;
};

export const inFlight = ({ originals, acknowledged = 0 }: Numbers): SegmentDraft[] => {
  const first = originals.findLastIndex(({ event }) => endOf(event) <= acknowledged);
  return originals.slice(first + 1);
};

// RFC 7323, section 2.2: scaled only when both sides said so, and never in a segment with SYN.
export const scaledWindow = (event: SegmentEvent, own: Numbers, peer: Numbers) =>
  has(event, 'S') || own.scale === undefined || peer.scale === undefined ? event.window : event.window * 2 ** own.scale;
