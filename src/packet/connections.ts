// Tells which connection each segment belongs to and counts its sequence numbers from the two initial ones. Segments are
// to be given in the order they were sent. A four-tuple used again gives a new connection, and late segments of the old
// one are known by their sequence numbers.

import {
  acknowledgesSomething,
  type Connection,
  choose,
  type Entry,
  isAnswered,
  isResetWithoutSequence,
  lab,
  otherSide,
  type PlacedSegment,
  remembered,
  type Side,
  type TrackedSegment,
} from './choose-connection.ts';
import { advance, countFrom, newDirection, relativeTo, strangeness } from './direction.ts';
import { ACK, FIN, RST, SYN } from './flags.ts';
import { formatAddress, parseAddress } from './ipv4.ts';

export type ConnectionTracker = {
  /** Place the next segment; `isMade` by no host, but by who controls the wire. */
  place(segment: TrackedSegment, isMade?: boolean): PlacedSegment;
  /** All connections so far, by number. */
  readonly connections: readonly Connection[];
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
    return { connection, client: newDirection(), server: newDirection(), reset: false, finished: new Set() };
  };

  const place = (segment: TrackedSegment, isMade = false): PlacedSegment => {
    const from = sideOf(segment);
    const key = keyOf(segment, from, clientIp, serverIp);
    const entries = tuples.get(key) ?? [];
    if (entries.length === 0) tuples.set(key, entries);
    let entry = choose(entries, segment, from, isMade);
    if (!entry) {
      entry = open(segment, from);
      entries.unshift(entry);
      if (entries.length > remembered) entries.pop();
    }
    const isSyn = (segment.flagBits & (SYN | ACK)) === SYN;
    const isForgery = isMade && isSyn && isAnswered(entry.connection) && entry[from].isn !== segment.seq;
    if (isForgery) entry.forged = { from, seq: segment.seq };
    else learn(entry, segment, from, isMade);
    const { connection } = entry;
    const own = entry[from];
    const other = entry[otherSide(from)];
    const ack = segment.flagBits & ACK ? relativeTo(other, segment.ack) : 0;
    const answersNoAck = isResetWithoutSequence(segment) && strangeness(own, 0) > 0;
    return { connection, from, seq: answersNoAck ? 0 : relativeTo(own, segment.seq), ack };
  };
  return { place, connections };
};

const lower = <T extends number | string>(source: T, destination: T): Side =>
  source > destination ? 'server' : 'client';

const addressText = (ip: number | string): string => (typeof ip === 'string' ? ip : formatAddress(ip));

const keyOf = (segment: TrackedSegment, from: Side, clientIp: number, serverIp: number): number | string => {
  const { sourceIp, destinationIp, sourcePort, destinationPort } = segment;
  const isClient = from === 'client';
  const ports = isClient ? sourcePort * 65536 + destinationPort : destinationPort * 65536 + sourcePort;
  const client = isClient ? sourceIp : destinationIp;
  const server = isClient ? destinationIp : sourceIp;
  return client === clientIp && server === serverIp ? ports : `${client} ${server} ${ports}`;
};

const learn = (entry: Entry, segment: TrackedSegment, from: Side, isMade: boolean): void => {
  const { seq, ack, flagBits, length } = segment;
  const { connection } = entry;
  const to = otherSide(from);
  const own = entry[from];
  const other = entry[to];
  if (flagBits & RST) {
    // One that was made up ends a connection with just the number that is expected (RFC 5961, section 3.2).
    if (!isMade || own.isn === undefined || own.next === seq) entry.reset = true;
    // Belongs to no handshake: count from the first number seen.
    if (own.isn === undefined && !connection.opener && !isResetWithoutSequence(segment)) guess(entry, from, seq);
    if (other.isn === undefined && flagBits & ACK) guess(entry, to, ack);
    return;
  }
  if (flagBits & FIN) entry.finished.add(from);
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
