// Walks through all sendings and arrivals in order of time, keeps each side's sequence numbers, and tells what a segment is beyond its
// flags: a retransmission, a probe, the answer to one, a window update, a duplicate ACK. What surrounded a sending is kept for its cause.
import type { HostName, SegmentEvent } from './schema.ts';
import type { SegmentDraft } from './segments.ts';

/** What a side had sent and received when it sent a segment. */
export type Surroundings = {
  previousSent?: SegmentDraft;
  lastReceived?: SegmentDraft;
  /** Received since this side last sent an ACK, and in want of one: the first and the last of them. */
  firstUnanswered?: SegmentDraft;
  lastUnanswered?: SegmentDraft;
};

/** Write roles and `retransmissionOf` into the drafts; gives the surroundings of every segment a host sent itself. */
export const assignRoles = (drafts: SegmentDraft[]): Map<SegmentDraft, Surroundings> => {
  const surroundings = new Map<SegmentDraft, Surroundings>();
  const sides = new Map<number, SideState>();
  const sideOf = ({ connection }: SegmentEvent, host: HostName): SideState => {
    const key = connection * 2 + (host === 'client' ? 0 : 1);
    const side = sides.get(key) ?? newSide();
    sides.set(key, side);
    return side;
  };
  for (const { draft, sent } of inOrder(drafts)) {
    const { event } = draft;
    if (!sent) {
      receive(sideOf(event, event.to), draft);
      continue;
    }
    const own = sideOf(event, event.from);
    const { previousSent, lastReceived, firstUnanswered, lastUnanswered } = own;
    surroundings.set(draft, { previousSent, lastReceived, firstUnanswered, lastUnanswered });
    send(own, sideOf(event, event.to), draft);
  }
  return surroundings;
};

type SideState = Surroundings & {
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

const newSide = (): SideState => ({ originals: [] });

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

const receive = (side: SideState, draft: SegmentDraft) => {
  const { event } = draft;
  side.lastReceived = draft;
  if (wantsAnswer(event)) {
    side.firstUnanswered ??= draft;
    side.lastUnanswered = draft;
  }
  if (!has(event, '.') || has(event, 'R')) return;
  side.peerWindow = event.window;
  if (event.ack <= (side.next ?? 0)) side.acknowledged = Math.max(side.acknowledged ?? 0, event.ack);
};

const send = (own: SideState, peer: SideState, draft: SegmentDraft) => {
  const { event } = draft;
  if (has(event, 'S') && event.options.windowScale !== undefined) own.scale = event.options.windowScale;
  const original = findOriginal(own, event);
  const role = roleOf(event, own, peer, original);
  if (role) event.role = role;
  if (role === 'retransmission' && original) draft.retransmissionOf = original;

  const end = endOf(event);
  if (end > event.seq && !role) {
    // A new initial sequence number on the same pair begins all over again.
    if (has(event, 'S') && own.next !== undefined) own.originals = [];
    own.originals.push(draft);
  }
  if (!has(event, 'R')) own.next = has(event, 'S') ? end : Math.max(own.next ?? end, end);
  own.previousSent = draft;
  if (!has(event, '.')) return;
  own.lastAck = event.ack;
  own.lastWindow = scaledWindow(event, own, peer);
  own.firstUnanswered = undefined;
  own.lastUnanswered = undefined;
};

const roleOf = (event: SegmentEvent, own: SideState, peer: SideState, original: SegmentDraft | undefined): SegmentEvent['role'] => {
  if (has(event, 'R')) return undefined;
  if (isProbe(event, own)) return own.peerWindow === 0 ? 'window-probe' : 'keepalive-probe';
  if (endOf(event) > event.seq) return original ? 'retransmission' : undefined;
  if (own.lastUnanswered?.event.role === 'keepalive-probe') return 'keepalive-answer';
  if (event.ack !== own.lastAck) return undefined;
  const window = scaledWindow(event, own, peer);
  const asked = own.lastUnanswered === undefined || own.lastUnanswered.event.role === 'window-probe';
  if (asked && window > (own.lastWindow ?? 0)) return 'window-update';
  // RFC 5681, section 2, but for the wait for outstanding data: the second answer to a FIN that came twice is one as well.
  return own.lastUnanswered && window === own.lastWindow ? 'duplicate-ack' : undefined;
};

/**
 * Both kinds of probe bear the sequence number before the first unacknowledged one, and no data or one byte of it
 * (RFC 9293, section 3.8.4; Linux tcp_xmit_probe_skb sends none for either).
 */
const isProbe = (event: SegmentEvent, { acknowledged, next }: SideState) =>
  event.flags === '.' && event.length <= 1 && acknowledged !== undefined && acknowledged > 0 && event.seq === acknowledged - 1 && event.seq < (next ?? 0);

/** The segment that first sent what this one begins with. */
const findOriginal = ({ originals, next }: SideState, event: SegmentEvent): SegmentDraft | undefined => {
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

const wantsAnswer = (event: SegmentEvent) =>
  !has(event, 'R') && (endOf(event) > event.seq || event.role === 'keepalive-probe' || event.role === 'window-probe');

/** The sequence number after the segment: SYN and FIN take one each. */
export const endOf = (event: SegmentEvent): number => event.seq + event.length + (has(event, 'S') ? 1 : 0) + (has(event, 'F') ? 1 : 0);

/** Whether a flag is set, by its letter: S F R P . U E W. */
export const has = ({ flags }: SegmentEvent, letter: string): boolean => flags.includes(letter);

// RFC 7323, section 2.2: scaled only when both sides said so, and never in a segment with SYN.
const scaledWindow = (event: SegmentEvent, own: SideState, peer: SideState) =>
  has(event, 'S') || own.scale === undefined || peer.scale === undefined ? event.window : event.window * 2 ** own.scale;
