// Events while they are being put together: they refer to each other as objects, for ids are given last, when all are sorted by time.
import type { Cause, SegmentEvent, TimelineEvent } from './schema.ts';

export type Draft<E extends TimelineEvent = TimelineEvent> = {
  event: E;
  cause?: Link;
  retransmissionOf?: Draft<SegmentEvent>;
  copyOf?: Draft<SegmentEvent>;
};

/** A cause that names another event as an object. */
export type Link =
  | { kind: 'call' | 'segment' | 'process-end' | 'process-start' | 'wire'; of: Draft }
  | Extract<Cause, { kind: 'timer' | 'unknown' }>;

/** The id of an event that has none yet. */
export const noId = 'e0';

/** Sort the events by time, number them and write the ids into whatever refers to them. */
export const finishEvents = (drafts: Draft[]): TimelineEvent[] => {
  const sorted = drafts
    .map((draft, index) => ({ draft, index, rank: ranks[draft.event.kind] }))
    .sort((a, b) => a.draft.event.at - b.draft.event.at || a.rank - b.rank || a.index - b.index);
  for (const [index, { draft }] of sorted.entries()) draft.event.id = `e${index + 1}`;
  return sorted.map(({ draft }) => {
    const { event, cause, retransmissionOf, copyOf } = draft;
    if (cause) event.cause = 'of' in cause ? { kind: cause.kind, event: cause.of.event.id } : cause;
    if (event.kind === 'segment' && retransmissionOf) event.retransmissionOf = retransmissionOf.event.id;
    if (event.kind === 'segment' && copyOf) event.copyOf = copyOf.event.id;
    return event;
  });
};

/** At one and the same nanosecond a cause stands before its effect. */
const ranks: Record<TimelineEvent['kind'], number> = {
  stage: 0,
  wire: 1,
  call: 2,
  process: 3,
  segment: 4,
  state: 5,
  emit: 6,
  output: 7,
};
