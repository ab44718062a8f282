// Walks through all sendings and arrivals in order of time, keeps each side's sequence numbers, and tells what a segment
// is beyond its flags: a retransmission, a probe, the answer to one, a window update, a duplicate ACK. What surrounded a
// sending is kept for its cause.

import { type HostName, hostNames } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import { pairNumbers } from '../connection-index.ts';
import type { Connection, SegmentEvent } from '../schema.ts';
import { isProbe, probeOf, type Witnesses } from './probes.ts';
import { endOf, has } from './segment-flags.ts';
import type { SegmentDraft } from './segments.ts';
import { findOriginal, inFlight, type Numbers, scaledWindow } from './sent-numbers.ts';

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
    arrivals: arrivalsOf(itemAt(pairs, connection), host),
  });
  for (const { draft, sent } of inOrder(drafts)) {
    const { event } = draft;
    if (!sent) {
      receive(side(event, event.to), draft);
      continue;
    }
    const own = side(event, event.from);
    const nearby: Surroundings = { ...own.arrivals, previousSent: own.numbers.previousSent };
    surroundings.set(draft, nearby);
    send(own, numbersOf(event.connection, event.to), draft, witnesses);
    if (event.role === 'retransmission') nearby.inFlight = inFlight(own.numbers);
  }
  return surroundings;
};

/** One value per number and host, made when first asked for. */
const memoize = <T>(make: () => T) => {
  const made = new Map<number, T>();
  return (number: number, host: HostName): T => {
    const key = number * hostNames.length + hostNames.indexOf(host);
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
};

type Arrivals = Pick<Surroundings, 'lastReceived' | 'firstUnanswered' | 'lastUnanswered'>;

type Side = { numbers: Numbers; arrivals: Arrivals };

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
  const probe = isProbe(event, own) ? probeOf(event, own, witnesses) : undefined;
  const role = probe ?? roleOf({ event, own, peer, arrivals, original, witnesses });
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

/**
 * An ACK for which nothing is missing and nothing came twice. It answers a SYN of another connection, or what
 * acknowledges something that was never sent (RFC 9293, sections 3.10.7.4 and 3.6.1); one that is counted as a challenge
 * (RFC 5961), a SYN, ACK that came once more; or data that are the next.
 */
const isChallenge = ({ event: arrived }: SegmentDraft, { event, own, witnesses: { counted } }: Sending): boolean => {
  if (has(arrived, 'S') && !has(arrived, '.')) return true;
  if (has(arrived, '.') && arrived.ack > (own.next ?? Number.POSITIVE_INFINITY)) return true;
  return has(arrived, 'S')
    ? Number(counted.rise(event.from, 'TcpExt.TCPChallengeACK', event.at)) > 0
    : arrived.seq === event.ack;
};

const wantsAnswer = (event: SegmentEvent) =>
  !has(event, 'R') && (endOf(event) > event.seq || event.role === 'keepalive-probe' || event.role === 'window-probe');
