// What the wire has delivered and the receiving kernel still owes an acknowledgement for: it may put that off until its
// delayed-ACK timer runs out, and what a part of a script has begun is not over before.
import type { HostName } from '../record/hosts.ts';
import type { WireSegment } from './segment.ts';

/** Keeps account of acknowledgements. Times are in nanoseconds of one clock. */
export const trackUnanswered = () => {
  /** By connection and host: the number its kernel is to acknowledge, and when that was delivered. */
  const owed = new Map<string, { ack: number; t: number }>();
  const acknowledged = new Map<string, number>();
  return {
    delivered: ({ connection, seq, length, flags }: WireSegment, to: HostName, t: number): void => {
      // A SYN is answered at once, or not at all.
      const ack = flags.includes('S') ? seq : seq + length + (flags.includes('F') ? 1 : 0);
      const key = `${connection} ${to}`;
      if (flags.includes('R')) owed.delete(key);
      // The answer may be read before the delivery is reported.
      else if (ack > seq && ack > (acknowledged.get(key) ?? Number.NEGATIVE_INFINITY)) owed.set(key, { ack, t });
    },
    sent: ({ connection, from, flags, ack }: WireSegment): void => {
      const key = `${connection} ${from}`;
      if (flags.includes('.')) acknowledged.set(key, Math.max(ack, acknowledged.get(key) ?? ack));
      if (flags.includes('R') || ack >= (owed.get(key)?.ack ?? Number.POSITIVE_INFINITY)) owed.delete(key);
    },
    /** Milliseconds from `t` until no acknowledgement can be on its way any more. */
    owedFor: (t: number): number => {
      let longest = 0;
      for (const [key, { t: since }] of owed) {
        const left = longestDelayMilliseconds - (t - since) / 1e6;
        if (left <= 0) owed.delete(key);
        longest = Math.max(longest, left);
      }
      return longest;
    },
  };
};

/**
 * TCP_DELACK_MAX is 200 ms (include/net/tcp.h); a timer of that length is up to 12.5 % late, and somebody has to read
 * the frame.
 */
const longestDelayMilliseconds = 200 * 1.125 + 25;
