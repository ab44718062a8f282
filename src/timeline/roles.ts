// Walks through all sendings and arrivals in order of time, keeps each side's sequence numbers, and tells what a
// segment is beyond its flags: a retransmission, a probe, the answer to one, a window update, a duplicate ACK. What
// surrounded a sending is kept for its cause.

import type { HostName } from '../record/hosts.ts';
import { pairNumbers } from './connection-index.ts';
import type { Counted } from './counted.ts';
import type { Connection, SegmentEvent } from './schema.ts';
import type { SegmentDraft } from './segments.ts';
import type { Sightings } from './sightings.ts';

/** What a host had sent and received between two endpoints when it sent a segment. */
export type Surroundings = {
  previousSent?: SegmentDraft;
  lastReceived?: SegmentDraft;
  /** Received since this side last sent an ACK, and in want of one: the first and the last of them. */
  firstUnanswered?: SegmentDraft;
  lastUnanswered?: SegmentDraft;
  /** For a retransmission: what had been sent and not acknowledged, by ascending sequence number. */
  inFlight?: SegmentDraft[];
};

/** What else tells a probe of one kind from one of the other. */
type Witnesses = { sightings: Sightings; counted: Counted };

/** Write roles and `retransmissionOf` into the drafts; gives the surroundings of every segment a host sent itself. */
export const assignRoles = (
  drafts: SegmentDraft[],
  connections: Connection[],
  witnesses: Witnesses,
): Map<SegmentDraft, Surroundings> => {
  const surroundings = new Map<SegmentDraft, Surroundings>();
  const pairs = pairNumbers(connections);
  const numbersOf = memoize((): Numbers => ({ originals: [] }));
  // The kernel finds a socket by its pair alone: a segment of another connection on the pair may be what it answers.
  const arrivalsOf = memoize((): Arrivals => ({}));
  const side = ({ connection }: SegmentEvent, host: HostName): Side => ({
    numbers: numbersOf(connection, host),
    arrivals: arrivalsOf(pairs[connection] as number, host),
  });
  for (const { draft, sent } of inOrder(drafts)) {
    const { event } = draft;
    if (!sent) {
      receive(side(event, event.to), draft);
      continue;
    }
    const own = side(event, event.from);
    const around: Surroundings = { ...own.arrivals, previousSent: own.numbers.previousSent };
    surroundings.set(draft, around);
    send(own, numbersOf(event.connection, event.to), draft, witnesses);
    if (event.role === 'retransmission') around.inFlight = inFlight(own.numbers);
  }
  return surroundings;
};

/** One value per number and host, made when first asked for. */
const memoize = <T>(make: () => T) => {
  const made = new Map<number, T>();
  return (number: number, host: HostName): T => {
    const key = number * 2 + (host === 'client' ? 0 : 1);
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
};

type Arrivals = Pick<Surroundings, 'lastReceived' | 'firstUnanswered' | 'lastUnanswered'>;
type Side = { numbers: Numbers; arrivals: Arrivals };

/** What one side of a connection has sent and learned. */
type Numbers = {
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

/** Sendings and arrivals. A packet's place in its own capture decides where two bear the same time. */
const inOrder = (drafts: SegmentDraft[]) => {
  const moments: { t: number; sent: boolean; draft: SegmentDraft }[] = [];
  for (const draft of drafts) {
    const { event, handledAt } = draft;
    if (event.origin === 'host') moments.push({ t: event.sentAt ?? event.at, sent: true, draft });
    if (event.fate === 'delivered') moments.push({ t: event.receivedAt ?? handledAt ?? event.at, sent: false, draft });
  }
  return moments.sort((a, b) => a.t - b.t || Number(b.sent) - Number(a.sent));
};

const receive = ({ numbers, arrivals }: Side, draft: SegmentDraft) => {
  const { event } = draft;
  arrivals.lastReceived = draft;
  if (wantsAnswer(event)) {
    arrivals.firstUnanswered ??= draft;
    arrivals.lastUnanswered = draft;
  }
  if (!has(event, '.') || has(event, 'R')) return;
  // What acknowledges less than has been, or what was never sent, is dropped with its window (tcp_ack()).
  if (event.ack > (numbers.next ?? 0) || event.ack < (numbers.acknowledged ?? 0)) return;
  numbers.peerWindow = event.window;
  numbers.acknowledged = event.ack;
};

const send = ({ numbers: own, arrivals }: Side, peer: Numbers, draft: SegmentDraft, witnesses: Witnesses) => {
  const { event } = draft;
  if (has(event, 'S') && event.options.windowScale !== undefined) own.scale = event.options.windowScale;
  const original = findOriginal(own, event);
  const role = isProbe(event, own)
    ? probeOf(event, own, witnesses)
    : roleOf({ event, own, peer, arrivals, original, witnesses });
  if (role) event.role = role;
  if (role === 'retransmission' && original) draft.retransmissionOf = original;

  const end = endOf(event);
  if (end > event.seq && !role) {
    // A new initial sequence number on the same pair begins all over again.
    if (has(event, 'S') && own.next !== undefined) own.originals = [];
    own.originals.push(draft);
  }
  // A SYN that is sent again may leave out the data it bore (RFC 7413, section 4.1.3).
  if (!has(event, 'R')) own.next = has(event, 'S') && !role ? end : Math.max(own.next ?? end, end);
  own.previousSent = draft;
  if (!has(event, '.')) return;
  own.lastAck = event.ack;
  own.lastWindow = scaledWindow(event, own, peer);
  arrivals.firstUnanswered = undefined;
  arrivals.lastUnanswered = undefined;
};

type Sending = {
  event: SegmentEvent;
  own: Numbers;
  peer: Numbers;
  arrivals: Arrivals;
  original: SegmentDraft | undefined;
  witnesses: Witnesses;
};

const roleOf = (sending: Sending): SegmentEvent['role'] => {
  const { event, own, peer, arrivals, original } = sending;
  const { lastUnanswered } = arrivals;
  if (has(event, 'R')) return undefined;
  // A SYN-ACK after the SYN of the same number is the answer to the other's SYN (simultaneous open, RFC 9293, section
  // 3.5, figure 7).
  const isAnswer = has(event, 'S') && has(event, '.') && original !== undefined && !has(original.event, '.');
  if (endOf(event) > event.seq) return original && !isAnswer ? 'retransmission' : undefined;
  if (lastUnanswered?.event.role === 'keepalive-probe') return 'keepalive-answer';
  if (event.ack !== own.lastAck) return undefined;
  const growth = scaledWindow(event, own, peer) - (own.lastWindow ?? 0);
  // A scaled window is rounded, the one in a SYN is not.
  const rounding = 2 ** (own.scale ?? 0);
  const asked = lastUnanswered === undefined || lastUnanswered.event.role === 'window-probe';
  if (asked && growth >= rounding) return 'window-update';
  if (lastUnanswered?.event.role === 'window-probe') return 'window-probe-answer';
  // RFC 5681, section 2, but for the wait for outstanding data: the second answer to a FIN that came twice is one as
  // well. One that says what came out of order, or twice, is one whatever its window (RFC 6675, section 2; RFC 2883,
  // section 4).
  const isOne = Math.abs(growth) < rounding || event.options.sack !== undefined;
  return lastUnanswered && isOne && !isChallenge(lastUnanswered, sending) ? 'duplicate-ack' : undefined;
};

/** An ACK for which nothing is missing and nothing came twice: a challenge (RFC 5961), counted as one where it answers a SYN. */
const isChallenge = ({ event: arrived }: SegmentDraft, { event, witnesses: { counted } }: Sending): boolean =>
  has(arrived, 'S')
    ? Number(counted.rise(event.from, 'TcpExt.TCPChallengeACK', event.at)) > 0
    : arrived.seq === event.ack;

/**
 * Both kinds of probe bear the sequence number before the first unacknowledged one, and no data or one byte of it
 * (RFC 9293, section 3.8.4; Linux tcp_xmit_probe_skb sends none for either).
 */
const isProbe = (event: SegmentEvent, { acknowledged, next }: Numbers) =>
  isPlain(event) &&
  event.length <= 1 &&
  acknowledged !== undefined &&
  acknowledged > 0 &&
  event.seq === acknowledged - 1 &&
  event.seq < (next ?? 0);

/**
 * Which of the two a probe is. The kernel counts both (tcp_xmit_probe_skb()); where it counted neither or both between
 * two readings, or nobody read, the timer that ss last showed tells, and else whether the other's window was closed.
 */
const probeOf = (
  { from, source, destination, at }: SegmentEvent,
  { peerWindow, previousSent }: Numbers,
  { sightings, counted }: Witnesses,
): SegmentEvent['role'] => {
  const ofWindow = counted.rise(from, 'TcpExt.TCPWinProbe', at) ?? 0;
  const ofKeepalive = counted.rise(from, 'TcpExt.TCPKeepAlive', at) ?? 0;
  if (ofWindow > 0 !== ofKeepalive > 0) return ofWindow > 0 ? 'window-probe' : 'keepalive-probe';
  const shown = sightings.last(from, source, destination, at);
  const armed = shown && shown.sample.begin > (previousSent?.event.at ?? 0) ? shown.row.timer?.name : undefined;
  if (armed === 'persist' || armed === 'keepalive') return armed === 'persist' ? 'window-probe' : 'keepalive-probe';
  return peerWindow === 0 ? 'window-probe' : 'keepalive-probe';
};

/** The segment that first sent what this one begins with. */
const findOriginal = ({ originals, next }: Numbers, event: SegmentEvent): SegmentDraft | undefined => {
  if (next === undefined || event.seq >= next || endOf(event) === event.seq) return undefined;
  let low = 0;
  let high = originals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((originals[middle] as SegmentDraft).event.seq <= event.seq) low = middle + 1;
    else high = middle;
  }
  const original = originals[low - 1];
  if (!original || (has(event, 'S') && original.event.absolute.seq !== event.absolute.seq)) return undefined;
  return original;
};

const inFlight = ({ originals, acknowledged = 0 }: Numbers): SegmentDraft[] => {
  const first = originals.findLastIndex(({ event }) => endOf(event) <= acknowledged);
  return originals.slice(first + 1);
};

const wantsAnswer = (event: SegmentEvent) =>
  !has(event, 'R') && (endOf(event) > event.seq || event.role === 'keepalive-probe' || event.role === 'window-probe');

/** The sequence number after the segment: SYN and FIN take one each. */
export const endOf = (event: SegmentEvent): number =>
  event.seq + event.length + (has(event, 'S') ? 1 : 0) + (has(event, 'F') ? 1 : 0);

/** Whether a flag is set, by its letter: S F R P . U E W. */
export const has = ({ flags }: SegmentEvent, letter: string): boolean => flags.includes(letter);

/** ACK and no other flag. ECE and CWR may stand beside it: they tell of congestion (RFC 3168), and of nothing else. */
export const isPlain = ({ flags }: SegmentEvent): boolean => flags.replaceAll(/[EW]/g, '') === '.';

/** An acknowledgement and nothing else. */
export const isBareAck = (event: SegmentEvent): boolean => isPlain(event) && event.length === 0;

// RFC 7323, section 2.2: scaled only when both sides said so, and never in a segment with SYN.
const scaledWindow = (event: SegmentEvent, own: Numbers, peer: Numbers) =>
  has(event, 'S') || own.scale === undefined || peer.scale === undefined ? event.window : event.window * 2 ** own.scale;
