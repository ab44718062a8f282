// When there is something to show: an event, or the two ends of one that lasted while other things happened.

import { isSystemCall } from '../../record/part-records.ts';
import { isRead } from '../../record/socket-calls.ts';
import type { CallEvent, ProcessEvent, SegmentEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import { type Journey, journeysOf } from './journeys.ts';
import { isDriven } from './words.ts';

export type Detail = 'quiet' | 'normal' | 'full';

/** `begun` and `done`: a call that blocked, or a segment that was on the wire, while other things happened. */
export type Moment = { at: number; event: TimelineEvent; part: 'whole' | 'begun' | 'done'; journey?: Journey };

/** A call that returns within 20 ms, in nanoseconds, need not be shown in two places; one that takes longer than 100 ms is. */
const briefly = 20e6;
const long = 100e6;

/** The moments of a timeline, in order of time. */
export const momentsOf = (timeline: Timeline, detail: Detail, keep?: ReadonlySet<string>): Moment[] => {
  const journeys = journeysOf(timeline);
  return callsInParts(shownEvents(timeline, detail, keep))
    .flatMap((moment) =>
      moment.event.kind === 'segment' ? segmentMoments(moment.event, journeys.get(moment.event.id)) : [moment],
    )
    .sort((a, b) => a.at - b.at);
};

/** Events in order of time, a call that blocked in two parts; a segment is one moment, whatever time it took. */
export const callsInParts = (events: TimelineEvent[]): Moment[] =>
  events
    .flatMap((event): Moment[] =>
      event.kind === 'call' ? callMoments(event, events) : [{ at: event.at, event, part: 'whole' }],
    )
    .sort((a, b) => a.at - b.at);

/**
 * The step a moment is shown in, after one of `previous`: what began in one step and is done in another belongs to the
 * later one.
 */
export const stepOf = ({ event, part }: Moment, previous = 0): number =>
  part === 'done' ? Math.max(event.step, previous) : event.step;

/** Leave out what only Node's own reading and the lab's own comings and goings would add, except what is named in `keep`. */
export const shownEvents = ({ events }: Timeline, detail: Detail, keep?: ReadonlySet<string>): TimelineEvent[] =>
  detail === 'full' ? events : events.filter((event) => !isNoise(event) || keep?.has(event.id));

const isNoise = (event: TimelineEvent): boolean => {
  if (event.kind === 'call') return event.by === 'node' && /^read(Start|Stop)$/.test(event.api);
  if (event.kind === 'process') return isToldByItsCall(event);
  // What segments, calls and states show as well.
  if (event.kind === 'counter') return !event.telling;
  return event.kind === 'stage' && event.edge === 'end';
};

/** A driven process starts when its first call shows it; freeze and thaw are calls of the script themselves. */
const isToldByItsCall = (event: ProcessEvent): boolean =>
  event.edge === 'start' ? !event.command || isDriven(event) : event.edge === 'stop' || event.edge === 'continue';

const segmentMoments = (event: SegmentEvent, journey: Journey | undefined): Moment[] => {
  const { receivedAt } = event;
  if (!journey || receivedAt === undefined) return [{ at: event.at, event, part: 'whole' }];
  return [
    { at: event.at, event, part: 'begun', journey },
    { at: receivedAt, event, part: 'done', journey },
  ];
};

const callMoments = (event: CallEvent, events: TimelineEvent[]): Moment[] => {
  const { returned, api } = event;
  if (isSystemCall(event) && !returned && api !== 'exit' && api !== 'crash')
    return [{ at: event.at, event, part: 'begun' }];
  const took = isSystemCall(event) && returned ? returned.at - event.at : 0;
  const isMeanwhile = ({ id, at }: TimelineEvent) => id !== event.id && at > event.at && at < event.at + took;
  // What made it fail stands above its failure.
  const isAnswered = (one: TimelineEvent) => one.kind === 'segment' && one.to === event.host && isMeanwhile(one);
  const failed = returned?.errno !== undefined && events.some(isAnswered);
  const lasted = took > long || failed || (took > briefly && events.some(isMeanwhile));
  // What a program has waited for in a read is there when it returns.
  if (!lasted && returned && event.via === 'strace' && (isRead(event) || api === 'accept'))
    return [{ at: returned.at, event, part: 'whole' }];
  if (!lasted || !returned) return [{ at: event.at, event, part: 'whole' }];
  return [
    { at: event.at, event, part: 'begun' },
    { at: returned.at, event, part: 'done' },
  ];
};
