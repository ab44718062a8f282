// In lockstep a segment waits for the samples of ss. On a machine too busy for that it may wait longer than the
// sender's retransmission timer, which then sends it again: the observer would be part of the result. Whoever looks at
// such a span is told that a witness failed.

import type { Gap } from '../../record/gap.ts';
import type { Draft } from '../draft.ts';
import type { SegmentEvent } from '../schema.ts';

/**
 * A gap for each retransmission that was sent while the first copy, or the answer to it, was still on the wire without
 * the script's doing.
 */
export const slowWireGaps = (segments: readonly Draft<SegmentEvent>[]): Gap[] => {
  const slow = segments.map(({ event }) => event).filter(isSlow);
  if (slow.length === 0) return [];
  return segments
    .map(({ event }) => event)
    .filter(isRepetition)
    .flatMap((again) => {
      const onTheWire = slow.find(
        (one) => one.connection === again.connection && isUnderWay(one, again) && concerns(one, again),
      );
      if (!onTheWire) return [];
      const late = Math.round(((onTheWire.receivedAt ?? 0) - (onTheWire.sentAt ?? 0)) / 1e6);
      return [
        {
          witness: 'wire' as const,
          code: 'machine-too-slow' as const,
          reason: `the wire was slower than the sender's timer (a busy machine, or a stepped run): a segment took ${late} ms to its receiver, and ${again.text} was sent again meanwhile`,
          from: onTheWire.sentAt,
          to: again.receivedAt ?? again.sentAt,
        },
      ];
    });
};

/** Less than TCP_RTO_MIN, 200 ms, and far more than a delivery in lockstep takes. */
const slowNanoseconds = 150e6;

/** What the script itself had the wire keep it for does not count. */
const isSlow = ({ origin, sentAt, receivedAt, keptByScript = 0 }: SegmentEvent) =>
  origin === 'host' &&
  sentAt !== undefined &&
  receivedAt !== undefined &&
  receivedAt - sentAt - keptByScript >= slowNanoseconds;

const isRepetition = ({ role, origin, sentAt, cause }: SegmentEvent) =>
  role === 'retransmission' && origin === 'host' && sentAt !== undefined && cause?.kind === 'timer';

/**
 * Sent before the repetition, received after it, and in between with the lab alone: one that the script still kept when
 * the timer ran out, or was yet to keep beyond that, would have been under way on the quickest wire.
 */
const isUnderWay = ({ sentAt, receivedAt, keptUntil = sentAt }: SegmentEvent, again: SegmentEvent) =>
  Math.max(sentAt ?? Number.NaN, keptUntil ?? Number.NaN) < (again.sentAt ?? Number.NaN) &&
  (receivedAt ?? Number.NaN) > (again.sentAt ?? Number.NaN);

/** The first copy, or what acknowledges it. */
const concerns = (one: SegmentEvent, again: SegmentEvent) => {
  const space = again.length + (/[SF]/.test(again.flags) ? 1 : 0);
  return one.from === again.from ? one.seq === again.seq : one.flags.includes('.') && one.ack >= again.seq + space;
};
