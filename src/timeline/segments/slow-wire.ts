// In lockstep a segment waits for the samples of ss. On a machine too busy for that it may wait longer than the
// sender's retransmission timer, which then sends it again: the observer would be part of the result. Whoever looks at
// such a span is told that a witness failed.

import type { Gap } from '../../record/gap.ts';
import type { Draft } from '../draft.ts';
import type { SegmentEvent } from '../schema.ts';

/**
 * A gap for each retransmission that was sent while the first copy, or the answer to it, was still on the wire without
 * the script's doing: an answer may be late because what it answers was.
 */
export const slowWireGaps = (segments: readonly Draft<SegmentEvent>[]): Gap[] => {
  const events = segments.map(({ event }) => event);
  const repetitions = events.filter(isRepetition);
  if (repetitions.length === 0) return [];
  const byConnection = Map.groupBy(events, ({ connection }) => connection);
  return repetitions.flatMap((again) => {
    const others = byConnection.get(again.connection) ?? [];
    const slow = others.find(
      (one) =>
        isUnderWay(one, again) && concerns(one, again) && took(one) + before(one, again, others) >= slowNanoseconds,
    );
    if (!slow) return [];
    const first = before(slow, again, others);
    const late = (nanoseconds: number) => `${Math.round(nanoseconds / 1e6)} ms`;
    const how =
      first > 0
        ? `${late(first)} to its receiver, and its answer ${late(took(slow))}`
        : `${late(took(slow))} to its receiver`;
    return [
      {
        witness: 'wire' as const,
        code: 'machine-too-slow' as const,
        reason: `the wire was slower than the sender's timer (a busy machine, or a stepped run): a segment took ${how}, and ${again.text} was sent again meanwhile`,
        from: slow.sentAt,
        to: again.receivedAt ?? again.sentAt,
      },
    ];
  });
};

/** Less than TCP_RTO_MIN, 200 ms, and far more than a delivery in lockstep takes. */
const slowNanoseconds = 150e6;

/** How long a segment was on its way; what the script itself had the wire keep it for does not count. */
const took = ({ origin, sentAt, receivedAt, keptByScript = 0 }: SegmentEvent): number =>
  origin === 'host' && sentAt !== undefined && receivedAt !== undefined ? receivedAt - sentAt - keptByScript : 0;

/** The same of what an answer answers. */
const before = (answer: SegmentEvent, again: SegmentEvent, others: readonly SegmentEvent[]): number => {
  if (answer.from === again.from) return 0;
  const isAnswered = (one: SegmentEvent) =>
    one.from === again.from &&
    one.seq === again.seq &&
    one.length === again.length &&
    (one.receivedAt ?? Infinity) <= (answer.sentAt ?? 0);
  const first = others.findLast(isAnswered);
  return first ? took(first) : 0;
};

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
