// To which of the connections on one pair of endpoints a segment belongs.
import type { Endpoint } from '../record/endpoint.ts';
import { type HostName, hostNames } from '../record/hosts.ts';
import { type Direction, relativeTo, strangeness } from './direction.ts';
import { ACK, RST, SYN } from './flags.ts';
import type { Segment } from './segment.ts';

/** The endpoints of a connection by the hosts they are at: those of two hosts. */
export type Connection = Readonly<Record<HostName, Endpoint>> & {
  /** Counted from 0 in order of appearance. */
  readonly number: number;
  /** The host that sent the first SYN; absent as long as no SYN was seen. */
  opener?: HostName;
  /** Initial sequence numbers, absolute. Where no SYN was seen, one before the first number that was. */
  readonly isn: { [host in HostName]?: number };
};

export type PlacedSegment = {
  connection: Connection;
  from: HostName;
  to: HostName;
  /** The sender's endpoint. */
  source: Endpoint;
  /** The receiver's endpoint. */
  destination: Endpoint;
  /** Relative to the sender's initial sequence number: a SYN is 0, the first byte of data 1. Negative before it. */
  seq: number;
  /** Relative to the receiver's initial sequence number; 0 without ACK. */
  ack: number;
};

/** What of a segment the tracker looks at. */
export type TrackedSegment = Pick<
  Segment,
  'sourceIp' | 'destinationIp' | 'sourcePort' | 'destinationPort' | 'seq' | 'ack' | 'flagBits' | 'length'
> & { sourceMac?: string; destinationMac?: string };

/** The sender of a segment, and whom it is for. */
export type Way = { from: HostName; to: HostName };

/** A connection of one four-tuple, and what it has sent. Entries of a tuple stand newest first. */
export type Entry = {
  connection: Connection;
  /** What each of its two hosts has sent. */
  sent: Record<HostName, Direction>;
  reset: boolean;
  /** The hosts that have sent a FIN. */
  finished: Set<HostName>;
  /** A SYN that was made up while the connection was open, and who was made to send it. */
  forged?: { from: HostName; seq: number };
};

/** How many connections of one four-tuple a late segment may still belong to. */
export const remembered = 8;

export const choose = (entries: Entry[], segment: TrackedSegment, way: Way, isMade: boolean): Entry | undefined => {
  const kind = segment.flagBits & (SYN | ACK | RST);
  if (kind === SYN) return chooseForSyn(entries, segment, way, isMade);
  if (kind === (SYN | ACK)) {
    const found = chooseForSynAck(entries, segment, way);
    return found ?? (answersForgery(entries[0], segment, way) ? undefined : closest(entries, segment, way));
  }
  return entries.length < 2 ? entries[0] : closest(entries, segment, way);
};

// A SYN sent again keeps its number. One with a new number begins a connection, unless it crosses the other side's SYN
// (simultaneous open, RFC 9293, section 3.5), or was made up while the connection is open: no socket of its own sends it,
// and the one there is answers with a challenge ACK (RFC 5961, section 4).
const chooseForSyn = (
  entries: Entry[],
  { seq }: TrackedSegment,
  { from, to }: Way,
  isMade: boolean,
): Entry | undefined => {
  const again = entries.find((entry) => entry.sent[from].isn === seq);
  const newest = entries[0];
  if (again || !newest || newest.reset) return again;
  const crossing = newest.connection.opener === to && newest.sent[from].isn === undefined;
  const isOpen = isAnswered(newest.connection) && newest.finished.size < 2;
  return crossing || (isMade && isOpen) ? newest : undefined;
};

/** It was no forgery to the host that answers with a number of its own: this is where a connection begins. */
const answersForgery = (newest: Entry | undefined, { seq, ack }: TrackedSegment, { from }: Way): boolean => {
  const { forged } = newest ?? {};
  return (
    forged !== undefined && forged.from !== from && ack === (forged.seq + 1) >>> 0 && newest?.sent[from].isn !== seq
  );
};

const chooseForSynAck = (entries: Entry[], segment: TrackedSegment, { from, to }: Way): Entry | undefined =>
  entries.find((entry) => entry.sent[from].isn === segment.seq) ??
  entries.find((entry) => !entry.sent[from].acknowledged && acknowledgesSomething(entry.sent[to], segment.ack));

const closest = (entries: Entry[], segment: TrackedSegment, { from, to }: Way): Entry | undefined => {
  let best: Entry | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const ofSeq = isResetWithoutSequence(segment) ? 0 : strangeness(entry.sent[from], segment.seq);
    const distance = ofSeq + (segment.flagBits & ACK ? strangeness(entry.sent[to], segment.ack) : 0);
    if (distance === 0 && isAnswered(entry.connection)) return entry;
    if (distance < least) [best, least] = [entry, distance];
  }
  return best;
};

/**
 * Whether both sides have been heard: a SYN that nobody answered is not yet what a segment belongs to that fits another
 * as well.
 */
export const isAnswered = ({ isn }: Connection): boolean =>
  hostNames.filter((host) => isn[host] !== undefined).length > 1;

export const acknowledgesSomething = (direction: Direction, ack: number): boolean =>
  direction.isn !== undefined && relativeTo(direction, ack) > 0 && strangeness(direction, ack) === 0;

/**
 * The answer to a segment without ACK bears sequence number zero: `<SEQ=0><ACK=SEG.SEQ+SEG.LEN>` (RFC 9293, section
 * 3.10.7.1).
 */
export const isResetWithoutSequence = ({ flagBits, seq }: TrackedSegment): boolean =>
  seq === 0 && (flagBits & (RST | ACK)) === (RST | ACK);
