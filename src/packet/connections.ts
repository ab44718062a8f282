// Tells which connection each segment belongs to and counts its sequence numbers from the two initial ones.
// Segments are to be given in the order they were sent. A four-tuple used again gives a new connection, and late segments of the
// old one are known by their sequence numbers.
import { advance, countFrom, type Direction, newDirection, relativeTo, strangeness } from './direction.ts';
import { ACK, FIN, RST, SYN } from './flags.ts';
import { formatAddress, parseAddress } from './ipv4.ts';
import type { Segment } from './segment.ts';

export type Side = 'client' | 'server';
export type Endpoint = { address: string; port: number };

export type Connection = {
  /** Counted from 0 in order of appearance. */
  readonly number: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** The side that sent the first SYN; absent as long as no SYN was seen. */
  opener?: Side;
  /** Initial sequence numbers, absolute. Where no SYN was seen, one before the first number that was. */
  readonly isn: { client?: number; server?: number };
};

export type PlacedSegment = {
  connection: Connection;
  from: Side;
  /** Relative to the sender's initial sequence number: a SYN is 0, the first byte of data 1. Negative before it. */
  seq: number;
  /** Relative to the receiver's initial sequence number; 0 without ACK. */
  ack: number;
};

/** What of a segment the tracker looks at. */
export type TrackedSegment = Pick<
  Segment,
  'sourceIp' | 'destinationIp' | 'sourcePort' | 'destinationPort' | 'seq' | 'ack' | 'flagBits' | 'length'
> & { sourceMac?: string };

export type ConnectionTracker = {
  /** Place the next segment. */
  place(segment: TrackedSegment): PlacedSegment;
  /** All connections so far, by number. */
  readonly connections: readonly Connection[];
};

/** The hosts of a lab. Its IPv6 addresses are the script's to choose, its link addresses are not. */
const lab = {
  client: { address: '192.0.2.1', mac: '02:00:00:00:00:01' },
  server: { address: '192.0.2.2', mac: '02:00:00:00:00:02' },
};

/**
 * A tracker that has seen nothing yet. Sides are told by IPv4 address, over IPv6 by link address, whoever opens:
 * between addresses of which neither is the client's or the server's, the lower one (of address, then port) is called
 * client.
 */
export const trackConnections = (hosts = lab): ConnectionTracker => {
  const clientIp = parseAddress(hosts.client.address);
  const serverIp = parseAddress(hosts.server.address);
  const tuples = new Map<number | string, Entry[]>();
  const connections: Connection[] = [];

  const sideOf = (segment: TrackedSegment): Side => {
    const { sourceIp, destinationIp, sourcePort, destinationPort } = segment;
    if (typeof sourceIp === 'string' || typeof destinationIp === 'string') {
      if (segment.sourceMac === hosts.client.mac) return 'client';
      if (segment.sourceMac === hosts.server.mac) return 'server';
      return sourceIp === destinationIp ? lower(sourcePort, destinationPort) : lower(sourceIp, destinationIp);
    }
    if (sourceIp === clientIp) return 'client';
    if (sourceIp === serverIp || destinationIp === clientIp) return 'server';
    if (destinationIp === serverIp) return 'client';
    return sourceIp === destinationIp ? lower(sourcePort, destinationPort) : lower(sourceIp, destinationIp);
  };

  const open = (segment: TrackedSegment, from: Side): Entry => {
    const source = { address: addressText(segment.sourceIp), port: segment.sourcePort };
    const destination = { address: addressText(segment.destinationIp), port: segment.destinationPort };
    const ends = from === 'client' ? { client: source, server: destination } : { client: destination, server: source };
    const connection: Connection = { number: connections.length, ...ends, isn: {} };
    connections.push(connection);
    return { connection, client: newDirection(), server: newDirection(), reset: false };
  };

  const place = (segment: TrackedSegment): PlacedSegment => {
    const from = sideOf(segment);
    const key = keyOf(segment, from, clientIp, serverIp);
    const entries = tuples.get(key) ?? [];
    if (entries.length === 0) tuples.set(key, entries);
    let entry = choose(entries, segment, from);
    if (!entry) {
      entry = open(segment, from);
      entries.unshift(entry);
      if (entries.length > remembered) entries.pop();
    }
    learn(entry, segment, from);
    const { connection } = entry;
    const own = entry[from];
    const other = entry[otherSide(from)];
    const ack = segment.flagBits & ACK ? relativeTo(other, segment.ack) : 0;
    const answersNoAck = isResetWithoutSequence(segment) && strangeness(own, 0) > 0;
    return { connection, from, seq: answersNoAck ? 0 : relativeTo(own, segment.seq), ack };
  };
  return { place, connections };
};

/** A connection of one four-tuple, and what it has sent. Entries of a tuple stand newest first. */
type Entry = { connection: Connection; client: Direction; server: Direction; reset: boolean };

/** How many connections of one four-tuple a late segment may still belong to. */
const remembered = 8;

const lower = <T extends number | string>(source: T, destination: T): Side =>
  source > destination ? 'server' : 'client';

const addressText = (ip: number | string): string => (typeof ip === 'string' ? ip : formatAddress(ip));

const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client');

const keyOf = (segment: TrackedSegment, from: Side, clientIp: number, serverIp: number): number | string => {
  const { sourceIp, destinationIp, sourcePort, destinationPort } = segment;
  const isClient = from === 'client';
  const ports = isClient ? sourcePort * 65536 + destinationPort : destinationPort * 65536 + sourcePort;
  const client = isClient ? sourceIp : destinationIp;
  const server = isClient ? destinationIp : sourceIp;
  return client === clientIp && server === serverIp ? ports : `${client} ${server} ${ports}`;
};

const choose = (entries: Entry[], segment: TrackedSegment, from: Side): Entry | undefined => {
  const kind = segment.flagBits & (SYN | ACK | RST);
  if (kind === SYN) return chooseForSyn(entries, segment, from);
  if (kind === (SYN | ACK)) return chooseForSynAck(entries, segment, from) ?? closest(entries, segment, from);
  return entries.length < 2 ? entries[0] : closest(entries, segment, from);
};

// A SYN sent again keeps its number. One with a new number begins a connection, unless it crosses the other side's SYN
// (simultaneous open, RFC 9293, section 3.5).
const chooseForSyn = (entries: Entry[], { seq }: TrackedSegment, from: Side): Entry | undefined => {
  const again = entries.find((entry) => entry[from].isn === seq);
  const newest = entries[0];
  if (again || !newest || newest.reset) return again;
  const crossing = newest.connection.opener === otherSide(from) && newest[from].isn === undefined;
  return crossing ? newest : undefined;
};

const chooseForSynAck = (entries: Entry[], segment: TrackedSegment, from: Side): Entry | undefined =>
  entries.find((entry) => entry[from].isn === segment.seq) ??
  entries.find((entry) => !entry[from].acknowledged && acknowledgesSomething(entry[otherSide(from)], segment.ack));

const closest = (entries: Entry[], segment: TrackedSegment, from: Side): Entry | undefined => {
  let best: Entry | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const ofSeq = isResetWithoutSequence(segment) ? 0 : strangeness(entry[from], segment.seq);
    const distance = ofSeq + (segment.flagBits & ACK ? strangeness(entry[otherSide(from)], segment.ack) : 0);
    if (distance === 0 && isAnswered(entry.connection)) return entry;
    if (distance < least) [best, least] = [entry, distance];
  }
  return best;
};

/**
 * Whether both sides have been heard: a SYN that nobody answered is not yet what a segment belongs to that fits another
 * as well.
 */
export const isAnswered = ({ isn }: Connection): boolean => isn.client !== undefined && isn.server !== undefined;

const learn = (entry: Entry, segment: TrackedSegment, from: Side): void => {
  const { seq, ack, flagBits, length } = segment;
  const { connection } = entry;
  const to = otherSide(from);
  const own = entry[from];
  const other = entry[to];
  if (flagBits & RST) {
    entry.reset = true;
    // Belongs to no handshake: count from the first number seen.
    if (own.isn === undefined && !connection.opener && !isResetWithoutSequence(segment)) guess(entry, from, seq);
    if (other.isn === undefined && flagBits & ACK) guess(entry, to, ack);
    return;
  }
  if (flagBits & SYN) {
    const acceptable = !(flagBits & ACK) || other.isn === undefined || acknowledgesSomething(other, ack);
    // A listener that forgot the first SYN answers its repetition with another number (SYN cookies, an overflowing queue).
    if (own.isn !== seq && !own.acknowledged && acceptable) {
      countFrom(own, seq);
      connection.isn[from] = seq;
    }
    connection.opener ??= flagBits & ACK ? to : from;
  }
  if (own.isn === undefined) guess(entry, from, seq);
  if (flagBits & ACK) {
    if (other.isn === undefined) guess(entry, to, ack);
    if (!other.acknowledged && acknowledgesSomething(other, ack)) other.acknowledged = true;
  }
  advance(own, (seq + length + (flagBits & SYN ? 1 : 0) + (flagBits & FIN ? 1 : 0)) >>> 0);
};

const guess = (entry: Entry, side: Side, next: number): void => {
  const isn = (next - 1) >>> 0;
  countFrom(entry[side], isn);
  entry.connection.isn[side] = isn;
};

const acknowledgesSomething = (direction: Direction, ack: number): boolean =>
  direction.isn !== undefined && relativeTo(direction, ack) > 0 && strangeness(direction, ack) === 0;

/**
 * The answer to a segment without ACK bears sequence number zero: `<SEQ=0><ACK=SEG.SEQ+SEG.LEN>` (RFC 9293, section
 * 3.10.7.1).
 */
const isResetWithoutSequence = ({ flagBits, seq }: TrackedSegment): boolean =>
  seq === 0 && (flagBits & (RST | ACK)) === (RST | ACK);
