// A part of a run: the events and samples of a span of time, or of a stage. It keeps account of what was looked at,
// question by question, because whoever looks is answerable for the witnesses of that span.
import type { Gap } from '../../record/gap.ts';
import type { HostName } from '../../record/hosts.ts';
import type { Sample } from '../../record/samples.ts';
import type { StateEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import { type RunIndex, runIndexOf } from './run-index.ts';
import { withDecidedCause } from './undecided.ts';

export type Moment = number | { at: number };
type Kind = TimelineEvent['kind'];
type EventOf<K extends Kind> = Extract<TimelineEvent, { kind: K }>;

/**
 * What a question looked at: events of a kind or samples of ss, of one host or both, over a span of nanoseconds since
 * the start of the run.
 */
export type Look = { at: Kind | 'sample'; host?: HostName; from: number; to: number };

export type Part = {
  timeline: Timeline;
  /** The whole run by host, address pair and process: for what a question needs beyond the span itself. */
  index: RunIndex;
  /** Nanoseconds since the start of the run, both ends included. */
  from: number;
  to: number;
  /** The events of a kind, of one host or of both. */
  ofKind<K extends Kind>(kind: K, host?: HostName): EventOf<K>[];
  /** The calls of a host that returned in the part, whenever they were made, in the order of their returns. */
  returned(host: HostName): EventOf<'call'>[];
  /** The segments a host was given in the part, in the order of their arrival. */
  arrivals(host: HostName): EventOf<'segment'>[];
  /** The changes one end of a connection went through. */
  states(host: HostName, connection: number): StateEvent[];
  /** The samples of a host that ss did not fail at. */
  samples(host: HostName): Sample[];
  /** Throws when the run has no such stage, or ended in the middle of it. */
  during(stage: string): Part;
  between(from: Moment | undefined, to?: Moment): Part;
  /** What was looked at so far, in this part or any other of the same run. */
  looked(): Look[];
  /** Witnesses that were blind where they were needed for what was looked at so far. */
  gaps(): Gap[];
};

type Span = { from: number; to: number; stage?: string };

/** All of a run. */
export const wholeRun = (timeline: Timeline): Part =>
  partOf(timeline, { from: 0, to: Number.POSITIVE_INFINITY }, new Map());

const partOf = (timeline: Timeline, span: Span, looked: Map<string, Look>): Part => {
  const { from, to, stage } = span;
  const isOfPart = (event: TimelineEvent) =>
    (stage === undefined || event.stage === stage) && event.at >= from && event.at <= to;
  let events: TimelineEvent[] | undefined;
  const look = (at: Look['at'], host?: HostName) =>
    void looked.set(`${at} ${host} ${from} ${to}`, { at, host, from, to });
  /** The events of a kind by another moment of theirs than `at`, in its order. */
  const within = <K extends Kind>(kind: K, timeOf: (event: EventOf<K>) => number | undefined, host: HostName) => {
    look(kind, host);
    return timeline.events
      .flatMap((event) => (event.kind === kind ? [event as EventOf<K>] : []))
      .flatMap((event) => {
        const at = timeOf(event);
        return at !== undefined && at >= from && at <= to ? [{ at, event: withDecidedCause(event) }] : [];
      })
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => event);
  };
  const edgeOf = (name: string, edge: 'begin' | 'end') => {
    look('stage');
    return timeline.events.find((event) => event.kind === 'stage' && event.edge === edge && event.text === name)?.at;
  };

  return {
    timeline,
    index: runIndexOf(timeline),
    from,
    to,
    ofKind: <K extends Kind>(kind: K, host?: HostName) => {
      look(kind, host);
      events ??= timeline.events.filter(isOfPart).map(asByTheEnd(to)).map(withDecidedCause);
      return events.filter(
        (event): event is EventOf<K> =>
          event.kind === kind && (host === undefined || ('host' in event && event.host === host)),
      );
    },
    returned: (host) => within('call', (call) => (call.host === host ? call.returned?.at : undefined), host),
    arrivals: (host) => within('segment', (segment) => (segment.to === host ? segment.receivedAt : undefined), host),
    states: (host, connection) => {
      look('state', host);
      return runIndexOf(timeline).states(host, connection).filter(isOfPart).map(withDecidedCause);
    },
    samples: (host) => {
      look('sample', host);
      return runIndexOf(timeline).samples[host].filter(({ begin, end }) => begin >= from && end <= to);
    },
    during: (name) => {
      const [begin, end] = [edgeOf(name, 'begin'), edgeOf(name, 'end')];
      if (begin === undefined) throw new Error(`the run never reached the stage '${name}'`);
      if (end === undefined) throw new Error(`the run ended in the middle of the stage '${name}'`);
      return partOf(timeline, { from: begin, to: end, stage: name }, looked);
    },
    between: (begin, end) => {
      const narrower = { from: Math.max(from, momentOf(begin, from)), to: Math.min(to, momentOf(end, to)) };
      return partOf(timeline, { ...span, ...narrower }, looked);
    },
    looked: () => [...looked.values()],
    gaps: () => timeline.gaps.filter((gap) => [...looked.values()].some((one) => concerns(gap, one))),
  };
};

/** A call that returned after the end of the part has not returned in it, unless the part ends with that very call. */
const asByTheEnd =
  (end: number) =>
  (event: TimelineEvent): TimelineEvent => {
    if (event.kind !== 'call' || event.at >= end || (event.returned?.at ?? 0) <= end) return event;
    const { returned: _, ...begun } = event;
    return begun;
  };

/**
 * What programs did and said stands in their own log, whatever ss failed to see. Everything else is put together from
 * all witnesses: the cause of a segment from calls and timers, the number of a connection from the captures, the stages
 * from the log.
 */
const concerns = (gap: Gap, { at, host, from, to }: Look): boolean => {
  const { from: begin = 0, to: end = Number.POSITIVE_INFINITY } = gap;
  if (begin > to || end < from) return false;
  // Nothing was lost, and where a stage begins and ends is the script's doing: what lies in other stages is as it would
  // have been.
  if (gap.code === 'machine-too-slow' && at === 'stage') return false;
  if (gap.witness === 'counters') return at === 'counter' && (host === undefined || gap.host === host);
  if (gap.witness === 'strace') return (at === 'call' || at === 'segment') && (host === undefined || gap.host === host);
  if (gap.witness !== 'ss' && gap.witness !== 'ss -E') return true;
  if (at === 'segment') return true;
  const isAsked = at === 'state' || (at === 'sample' && gap.witness === 'ss');
  return isAsked && (host === undefined || gap.host === undefined || gap.host === host);
};

const momentOf = (moment: Moment | undefined, fallback: number) => {
  if (moment === undefined) return fallback;
  const at = typeof moment === 'number' ? moment : moment.at;
  if (Number.isFinite(at)) return at;
  throw new Error('a part of the run begins and ends with an event, or at a number of nanoseconds since its start');
};
