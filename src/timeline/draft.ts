// Events while they are being put together: they refer to each other as objects, for ids are given last, when all are
// sorted by time.
import type { Cause, SegmentEvent, TimelineEvent } from './schema.ts';

export type Draft<E extends TimelineEvent = TimelineEvent> = {
  event: E;
  cause?: Link;
  retransmissionOf?: Draft<SegmentEvent>;
  copyOf?: Draft<SegmentEvent>;
};

/** A cause that names other events as objects. */
export type Link =
  | { kind: 'call' | 'segment' | 'process-end' | 'wire'; of: Draft }
  | ProgramLink
  | Extract<Cause, { kind: 'timer' | 'unknown' }>;

/** The start of the program that did it, or the starts of several one of which did it. */
export type ProgramLink = { kind: 'program'; of: Draft } | { kind: 'programs'; of: Draft[] };

/** The id of an event that has none yet. */
export const noId = 'e0';

/**
 * Sort the events by time, no effect above its cause, number them and write the ids into whatever refers to them. Times
 * from the captures may be off by `slack` (ns): within that, an effect is not earlier than its cause.
 */
export const finishEvents = (drafts: Draft[], slack: number): TimelineEvent[] => {
  for (const draft of drafts) notBeforeCause(draft, slack);
  const sorted = drafts
    .map((draft, index) => ({ draft, index, rank: ranks[draft.event.kind] }))
    .sort((a, b) => a.draft.event.at - b.draft.event.at || a.rank - b.rank || a.index - b.index)
    .map(({ draft }) => draft);
  const ordered = causesFirst(sorted);
  for (const [index, { event }] of ordered.entries()) event.id = `e${index + 1}`;
  return ordered.map(({ event, cause, retransmissionOf, copyOf }) => {
    if (cause) event.cause = withIds(cause);
    if (event.kind === 'segment' && retransmissionOf) event.retransmissionOf = retransmissionOf.event.id;
    if (event.kind === 'segment' && copyOf) event.copyOf = copyOf.event.id;
    return event;
  });
};

const withIds = (cause: Link): Cause => {
  if (!('of' in cause)) return cause;
  if (cause.kind === 'programs') return { kind: cause.kind, events: cause.of.map(({ event }) => event.id) };
  return { kind: cause.kind, event: cause.of.event.id };
};

const causesOf = ({ cause }: Draft): Draft[] => (cause && 'of' in cause ? [cause.of].flat() : []);

const notBeforeCause = (draft: Draft, slack: number): void => {
  const { event } = draft;
  for (const of of causesOf(draft)) {
    const early = of.event.at - event.at;
    if (early <= 0 || early > slack) continue;
    notBeforeCause(of, slack);
    event.at = of.event.at;
  }
};

/** Usually at one and the same nanosecond a cause stands before its effect. */
const ranks: Record<TimelineEvent['kind'], number> = {
  stage: 0,
  wire: 1,
  call: 2,
  process: 3,
  segment: 4,
  state: 5,
  emit: 6,
  output: 7,
  counter: 8,
};

/** Of events at one and the same time, those that caused others of them go first. */
const causesFirst = (sorted: Draft[]): Draft[] => {
  const placed = new Set<Draft>();
  const place = (draft: Draft) => {
    if (placed.has(draft)) return;
    placed.add(draft);
    for (const one of causesOf(draft)) if (one.event.at === draft.event.at) place(one);
    ordered.push(draft);
  };
  const ordered: Draft[] = [];
  for (const draft of sorted) place(draft);
  return ordered;
};
