// A part of a run: the events and samples of a span of time, or of a stage. It keeps account of what was looked at, because whoever
// looks is answerable for the witnesses of that span.
import type { Gap, HostName, Sample, Timeline, TimelineEvent } from '../timeline/schema.ts';

export type Moment = number | { at: number };
type Kind = TimelineEvent['kind'];
type EventOf<K extends Kind> = Extract<TimelineEvent, { kind: K }>;

export type Part = {
  timeline: Timeline;
  /** Nanoseconds since the start of the run, both ends included. */
  from: number;
  to: number;
  events(): TimelineEvent[];
  ofKind<K extends Kind>(kind: K): EventOf<K>[];
  /** The samples of a host that ss did not fail at. */
  samples(host: HostName): Sample[];
  /** Throws when the run has no such stage, or ended in the middle of it. */
  during(stage: string): Part;
  between(from: Moment | undefined, to?: Moment): Part;
  event(id: string): TimelineEvent;
  /** Witnesses that were blind in the spans looked at so far, in this part or any other of the same run. */
  gaps(): Gap[];
};

type Span = { from: number; to: number; stage?: string };

/** All of a run. */
export const wholeRun = (timeline: Timeline): Part =>
  partOf(timeline, { from: 0, to: Number.POSITIVE_INFINITY }, new Set());

const partOf = (timeline: Timeline, span: Span, looked: Set<Span>): Part => {
  const isWithin = ({ at }: { at: number }) => at >= span.from && at <= span.to;
  const isOfPart = (event: TimelineEvent) =>
    (span.stage === undefined || event.stage === span.stage) && isWithin(event);
  let events: TimelineEvent[] | undefined;
  const look = () => {
    looked.add(span);
    events ??= timeline.events.filter(isOfPart);
    return events;
  };
  const edgeOf = (stage: string, edge: 'begin' | 'end') =>
    timeline.events.find((event) => event.kind === 'stage' && event.edge === edge && event.text === stage)?.at;

  return {
    timeline,
    from: span.from,
    to: span.to,
    events: look,
    ofKind: <K extends Kind>(kind: K) => look().filter((event): event is EventOf<K> => event.kind === kind),
    samples: (host) => {
      look();
      const isSeen = ({ begin, end, ok }: Sample) => ok && begin >= span.from && end <= span.to;
      return timeline.samples.filter((sample) => sample.host === host && isSeen(sample));
    },
    during: (stage) => {
      const [from, to] = [edgeOf(stage, 'begin'), edgeOf(stage, 'end')];
      if (from === undefined) throw new Error(`the run never reached the stage '${stage}'`);
      if (to === undefined) throw new Error(`the run ended in the middle of the stage '${stage}'`);
      return partOf(timeline, { from, to, stage }, looked);
    },
    between: (from, to) => {
      const [begin, end] = [momentOf(from, span.from), momentOf(to, span.to)];
      return partOf(timeline, { ...span, from: Math.max(span.from, begin), to: Math.min(span.to, end) }, looked);
    },
    event: (id) => {
      look();
      const event = timeline.events.find((one) => one.id === id);
      if (!event) throw new Error(`there is no event ${id}`);
      return event;
    },
    gaps: () => timeline.gaps.filter((gap) => [...looked].some((one) => isDuring(gap, one))),
  };
};

const isDuring = ({ from = 0, to = Number.POSITIVE_INFINITY }: Gap, span: Span) => from <= span.to && to >= span.from;

const momentOf = (moment: Moment | undefined, fallback: number) =>
  moment === undefined ? fallback : typeof moment === 'number' ? moment : moment.at;
