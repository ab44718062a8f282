// The round trips of a connection as one host's kernel measures them, and how much of each the observer made: what the
// wire kept a segment and its acknowledgement for, less what the script had it keep them for.

import type { HostName } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { SegmentEvent } from '../schema.ts';
import { endOf } from './segment-flags.ts';

/**
 * One measurement, nanoseconds. `una` and `nxt` are the sender's, relative: the lowest number not acknowledged, the
 * next to be sent.
 */
export type RoundTrip = { at: number; total: number; own: number; una: number; nxt: number };

/**
 * What the kernel of `host` could measure (tcp_clean_rtx_queue() and tcp_ack_update_rtt(), net/ipv4/tcp_input.c): the
 * time from the first segment an ACK newly covers; where that one was sent more than once, from the copy whose
 * timestamp comes back (RFC 7323, section 4), and without timestamps not at all (RFC 6298, section 3).
 */
export const roundTripsOf = (segments: readonly SegmentEvent[], host: HostName): RoundTrip[] => {
  const own = segments.filter(({ from, origin }) => from === host && origin === 'host').filter(takesSpace);
  const answers = segments
    .filter((one) => one.to === host && one.flags.includes('.'))
    .flatMap((answer) => (answer.receivedAt === undefined ? [] : [{ answer, at: answer.receivedAt }]))
    .sort((a, b) => a.at - b.at);
  const trips: RoundTrip[] = [];
  let una = 0;
  for (const { answer, at } of answers) {
    const sentByThen = own.filter(({ at: sentAt }) => sentAt < at);
    const covered = sentByThen.filter((one) => endOf(one) > una && endOf(one) <= answer.ack);
    if (covered.length === 0) continue;
    const measured = measuredBy(answer, covered, { sentByThen, una });
    una = answer.ack;
    if (!measured) continue;
    const total = at - measured.at;
    const kept = keptByObserver(measured) + keptByObserver(answer);
    trips.push({ at, total, own: Math.max(0, total - kept), una, nxt: Math.max(...sentByThen.map(endOf)) });
  }
  return trips;
};

const takesSpace = (event: SegmentEvent) => endOf(event) > event.seq;

/** What is sent again may be cut into pieces, or be one piece of several: any copy of a byte that is newly covered counts. */
const measuredBy = (
  answer: SegmentEvent,
  covered: SegmentEvent[],
  { sentByThen, una }: { sentByThen: SegmentEvent[]; una: number },
): SegmentEvent | undefined => {
  const first = itemAt(covered, 0);
  // Of a simultaneous open: the SYN that is sent again with an ACK is no retransmission (tcp_send_synack()).
  const synAck = first.flags === 'S' ? covered.findLast(({ flags }) => flags === 'S.') : undefined;
  if (synAck) return synAck;
  const isCopy = (one: SegmentEvent) =>
    one !== first && Math.max(one.seq, first.seq, una) < Math.min(endOf(one), endOf(first));
  if (!sentByThen.some(isCopy)) return first;
  const echo = answer.options.timestamps?.echo;
  return echo === undefined ? undefined : covered.findLast(({ options }) => options.timestamps?.value === echo);
};

/** Nanoseconds of a segment's way that are neither the kernels' nor the script's. */
export const keptByObserver = ({ at, sentAt = at, receivedAt, keptByScript = 0 }: SegmentEvent): number =>
  receivedAt === undefined ? 0 : Math.max(0, receivedAt - sentAt - keptByScript);
