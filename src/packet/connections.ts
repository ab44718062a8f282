// Tells which connection each segment belongs to and counts its sequence numbers from the two initial ones. Segments are
// to be given in the order they were sent. A four-tuple used again gives a new connection, and late segments of the old
// one are known by their sequence numbers.

import type { Endpoint } from '../record/endpoint.ts';
import { addressOf, type HostName, hostNames, otherWith } from '../record/hosts.ts';
import {
  acknowledgesSomething,
  type Connection,
  choose,
  type Entry,
  isAnswered,
  isResetWithoutSequence,
  type PlacedSegment,
  remembered,
  type TrackedSegment,
  type Way,
} from './choose-connection.ts';
import { advance, countFrom, type Direction, newDirection, relativeTo, strangeness } from './direction.ts';
import { ACK, FIN, RST, SYN } from './flags.ts';
import { formatAddress, parseAddress } from './ipv4.ts';

export type ConnectionTracker = {
  /** Place the next segment; `isMade` by no host, but by who controls the wire. */
  place(segment: TrackedSegment, isMade?: boolean): PlacedSegment;
  /** All connections so far, by number. */
  readonly connections: readonly Connection[];
};

/**
 * A tracker that has seen nothing yet. Hosts are told by IPv4 address, over IPv6 and between addresses of which both or none
 * are one host's by link address, whoever opens; where that tells nothing, the lower one (of address, then port) is called
 * the first host's.
 */
export const trackConnections = (): ConnectionTracker => {
  const tuples = new Map<number | string, Entry[]>();
  const connections: Connection[] = [];

  const open = (segment: TrackedSegment, { from, to }: Way): Entry => {
    const ends = {
      [from]: { address: addressText(segment.sourceIp), port: segment.sourcePort },
      [to]: { address: addressText(segment.destinationIp), port: segment.destinationPort },
    } as Record<HostName, Endpoint>;
    const connection: Connection = { number: connections.length, ...ends, isn: {} };
    connections.push(connection);
    const sent = { [from]: newDirection(), [to]: newDirection() } as Record<HostName, Direction>;
    return { connection, sent, reset: false, finished: new Set() };
  };

  const place = (segment: TrackedSegment, isMade = false): PlacedSegment => {
    const way = wayOf(segment);
    const { from, to } = way;
    const key = keyOf(segment, way);
    const entries = tuples.get(key) ?? [];
    if (entries.length === 0) tuples.set(key, entries);
    let entry = choose(entries, segment, way, isMade);
    if (!entry) {
      entry = open(segment, way);
      entries.unshift(entry);
      if (entries.length > remembered) entries.pop();
    }
    const isSyn = (segment.flagBits & (SYN | ACK)) === SYN;
    const isForgery = isMade && isSyn && isAnswered(entry.connection) && entry.sent[from].isn !== segment.seq;
    if (isForgery) entry.forged = { from, seq: segment.seq };
    else learn(entry, segment, way, isMade);
    const { connection } = entry;
    const own = entry.sent[from];
    const other = entry.sent[to];
    const ack = segment.flagBits & ACK ? relativeTo(other, segment.ack) : 0;
    const answersNoAck = isResetWithoutSequence(segment) && strangeness(own, 0) > 0;
    const ends = { source: connection[from], destination: connection[to] };
    return { connection, from, to, ...ends, seq: answersNoAck ? 0 : relativeTo(own, segment.seq), ack };
  };
  return { place, connections };
};

const ipOf = new Map(hostNames.map((host) => [parseAddress(addressOf[host].ip), host]));
const macOf = new Map(hostNames.map((host) => [addressOf[host].mac, host]));
const [first, last] = ['client', 'server'] as const;

const wayOf = (segment: TrackedSegment): Way => {
  const { sourceIp, destinationIp, sourcePort, destinationPort } = segment;
  // A link address is a text made when it is asked for.
  const source = typeof sourceIp === 'string' ? macOf.get(segment.sourceMac ?? '') : ipOf.get(sourceIp);
  const destination =
    typeof destinationIp === 'string' ? macOf.get(segment.destinationMac ?? '') : ipOf.get(destinationIp);
  if (source && destination && source !== destination) return { from: source, to: destination };
  // Over a loopback device, whose ends were given the link addresses of hosts.
  if (source === destination) {
    const [from, to] = [macOf.get(segment.sourceMac ?? ''), macOf.get(segment.destinationMac ?? '')];
    if (from && to && from !== to) return { from, to };
  }
  if (source) return { from: source, to: otherWith(source, segment.destinationMac ?? '') };
  if (destination) return { from: otherWith(destination, segment.sourceMac ?? ''), to: destination };
  const isLower = sourceIp === destinationIp ? sourcePort <= destinationPort : sourceIp <= destinationIp;
  return isLower ? { from: first, to: last } : { from: last, to: first };
};

const addressText = (ip: number | string): string => (typeof ip === 'string' ? ip : formatAddress(ip));

/** What the segments of a four-tuple have in common, whichever way they go. */
const keyOf = (segment: TrackedSegment, { from, to }: Way): number | string => {
  const { sourceIp, destinationIp, sourcePort, destinationPort } = segment;
  const [sender, receiver] = [hostNames.indexOf(from), hostNames.indexOf(to)];
  const isForth = sender < receiver;
  const ports = isForth ? sourcePort * 65536 + destinationPort : destinationPort * 65536 + sourcePort;
  const hosts = isForth ? sender * hostNames.length + receiver : receiver * hostNames.length + sender;
  if (typeof sourceIp === 'number' && ipOf.get(sourceIp) === from && ipOf.get(Number(destinationIp)) === to)
    return hosts * 2 ** 32 + ports;
  return isForth ? `${sourceIp} ${destinationIp} ${ports}` : `${destinationIp} ${sourceIp} ${ports}`;
};

const learn = (entry: Entry, segment: TrackedSegment, { from, to }: Way, isMade: boolean): void => {
  const { seq, ack, flagBits, length } = segment;
  const { connection } = entry;
  const own = entry.sent[from];
  const other = entry.sent[to];
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

const guess = (entry: Entry, host: HostName, next: number): void => {
  const isn = (next - 1) >>> 0;
  countFrom(entry.sent[host], isn);
  entry.connection.isn[host] = isn;
};
