// Why an acknowledgement was sent: at once for what arrived, late by the delayed-ACK timer, or by who read the data.

import type { Link } from '../draft.ts';
import type { Surroundings } from '../segments/roles.ts';
import { isBareAck } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { answered, arrivalOf, type CauseContext, call, segment, socketOf, unknown } from './causes.ts';

export const causeOfAck = (draft: SegmentDraft, nearby: Surroundings, context: CauseContext): Link => {
  const { event } = draft;
  const { from, connection, at } = event;
  const { lastReceived, lastUnanswered } = nearby;
  const immediate = answered(event, nearby);
  if (immediate) return immediate;
  const byTimer = context.fired.isDelayedAck(draft);
  if (byTimer) return delayedAckTimer;
  const { calls, holders, connections } = context;
  const reading = calls.latest('read', from, connection, at)?.call;
  const isRead = reading && lastReceived && reading.event.at >= arrivalOf(lastReceived);
  if (isRead && (event.role === 'window-update' || at - reading.event.at < readingTakes)) return call(reading);
  const known = holders.ever(socketOf(event));
  const program =
    known.size > 0
      ? holders.node(socketOf(event), at)
      : holders.program(from, connections[connection]?.begin ?? at, at);
  if (event.role === 'window-update') {
    // A process that runs again reads what has come meanwhile.
    const thaw = calls.latestThaw(from, known, at);
    if (thaw && lastReceived && thaw.event.at >= arrivalOf(lastReceived)) return call(thaw);
    if (program) return program;
  }
  const isLate = isLateAck(draft, nearby);
  // Without a reading of the counters only the time tells.
  if (isLate && byTimer === undefined && context.counted.rise(from, 'TcpExt.DelayedACKs', at) === undefined)
    return delayedAckTimer;
  // Some of several were the timer's, and nothing says which.
  if (isLate && byTimer === undefined) return unknown;
  // With a pure ACK MPTCP says something of its own, be it that a program has closed (RFC 8684, section 3.3.3).
  if (event.options.other?.includes(mptcp) && !lastUnanswered) return unknown;
  // What reads the data acknowledges them (tcp_cleanup_rbuf()), long after the kernel has done with the arrival.
  if (program && lastReceived && (isLate || at - arrivalOf(lastReceived) > softirq)) return program;
  const cause = lastUnanswered ?? lastReceived;
  return cause ? segment(cause) : unknown;
};

/** The kind of its option. */
const mptcp = 30;

const delayedAckTimer: Link = { kind: 'timer', timer: 'delayed-ack' };

/** An ACK so long after what it acknowledges as the delayed-ACK timer sends one. */
export const isLateAck = ({ event }: SegmentDraft, { firstUnanswered }: Surroundings): boolean =>
  isBareAck(event) && firstUnanswered !== undefined && event.at - arrivalOf(firstUnanswered) >= delayedAck;

/** TCP_DELACK_MIN is 40 ms (include/net/tcp.h), and a jiffy may be missing (ns). */
const delayedAck = 35e6;

/** What the kernel does with an arrival is done this long after it at most (ns). */
const softirq = 2e6;

/** An ACK this soon after a read that took data out of the buffer is the read's (Linux tcp_cleanup_rbuf; ns). */
const readingTakes = 5e6;
