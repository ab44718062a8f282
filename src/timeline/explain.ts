// Gives roles and causes to everything that has one, and to each change of state its moment, step and dwell time.

import type { HostName } from '../record/hosts.ts';
import { itemAt } from '../record/item-at.ts';
import type { DestroyedSocket } from '../record/samples.ts';
import type { ApiEvents } from './calls/api-events.ts';
import type { CallIndex } from './calls/calls.ts';
import type { Holders } from './calls/holders.ts';
import type { ProcessEnds } from './calls/process-ends.ts';
import { isLateAck } from './causes/ack-causes.ts';
import { arrivalOf, isAnswer } from './causes/causes.ts';
import { firedTimers } from './causes/fired-timers.ts';
import { isForTimer } from './causes/kernel-sending.ts';
import { isFirst } from './causes/retransmission-timer.ts';
import { causeOfSegment } from './causes/segment-causes.ts';
import { type ConnectionIndex, pairNumbers } from './connection-index.ts';
import type { Draft, Link } from './draft.ts';
import type { Moments } from './moments.ts';
import type { Counted } from './reading/counted.ts';
import type { Sightings } from './reading/sightings.ts';
import type { Connection, CounterEvent, TimelineEvent, WireEvent } from './schema.ts';
import { followArrivals } from './segments/arrivals.ts';
import { assignRoles } from './segments/roles.ts';
import type { SegmentDraft } from './segments/segments.ts';
import type { Span } from './states/span-bounds.ts';
import { causeOfState } from './states/state-causes.ts';
import { boundsOf, isExact, passedBy, spanOf } from './states/state-spans.ts';
import type { Traffic } from './states/state-surroundings.ts';
import type { StateDraft } from './states/states.ts';
import { isDrawn, lastStates } from './states/transitions.ts';

export type Unexplained = {
  /** Sorted by time. */
  segments: SegmentDraft[];
  states: StateDraft[];
  apiEvents: ApiEvents;
  /** The wire's operations by number. */
  operations: Map<number, Draft<WireEvent>>;
  holders: Holders;
  ends: ProcessEnds;
  connections: Connection[];
  index: ConnectionIndex;
  calls: CallIndex;
  sightings: Sightings;
  /** The kernel's counters that rose. */
  rises: CounterEvent[];
  counted: Counted;
  destroyed: DestroyedSocket[];
  moments: Moments;
  /** CLOCK_MONOTONIC at the start of the run. */
  start: number;
};

export const explain = (unexplained: Unexplained): void => {
  const {
    segments,
    states,
    apiEvents,
    operations,
    connections,
    index,
    calls,
    holders,
    ends,
    sightings,
    rises,
    counted,
    destroyed,
    moments,
    start,
  } = unexplained;
  const surroundings = assignRoles(segments, connections, { sightings, counted });
  const nearby = (draft: SegmentDraft) => surroundings.get(draft) ?? {};
  const fired = firedTimers(rises, counted, segments, {
    isForTimer: (draft) => isForTimer(draft, nearby(draft), { calls, connections, holders }),
    isAnswer: (draft) => isAnswer(draft, nearby(draft)),
    isFirst: (draft) => isFirst(draft, nearby(draft)),
    isLateAck: (draft) => isLateAck(draft, nearby(draft)),
  });
  const causes = { calls, holders, ends, connections, sightings, surroundings, operations, fired, counted };
  for (const draft of segments) draft.cause = causeOfSegment(draft, causes);

  const traffic = sortTraffic(segments, pairNumbers(connections));
  const context = { calls, holders, ends, connections, index, traffic, counted, emits: apiEvents.emits };
  const evidence = { traffic, apiEvents, connections, destroyed, sightings, states };
  const lastSeen = states.map(({ event }) => event.between[0]);
  const spans = states.map((draft) => {
    draft.passed = passedBy(draft, evidence, counted);
    if (hasHidden(draft) && !isByCookie(draft, unexplained)) draft.event.unseen = true;
    const bounds = boundsOf(draft, evidence);
    draft.event.between[1] = bounds[1];
    const { cause, at } = causeOfState(draft, context);
    draft.cause = cause;
    return spanOf(draft, bounds, { cause, at }, sightings);
  });
  for (const draft of [...segments, ...states]) endedBy(draft, { moments, start });
  const latest = new Map<number, StateDraft>();
  for (const [order, draft] of states.entries()) {
    const { event } = draft;
    place(draft, itemAt(spans, order), { previous: latest.get(event.socket), lastSeen: lastSeen[order] });
    moveTo(event, event.at, { moments, start });
    latest.set(event.socket, draft);
  }
};

/** Of a connection of a host with itself no capture shows what was sent and arrived: anything may have led to CLOSED. */
const hasHidden = ({ event, passed = [] }: StateDraft): boolean => {
  if (!isDrawn(event) || passed.length > 0) return true;
  if (event.connection !== undefined || event.to !== 'CLOSED') return false;
  const isUnanswered = event.from === 'SYN-SENT' && event.local.address !== event.peer.address;
  return !lastStates.has(event.from) && !isUnanswered;
};

/** With a SYN cookie there is no socket before the ACK that brings it back (RFC 4987, section 3.6): nothing lies between. */
const isByCookie = ({ event }: StateDraft, { connections, counted, segments }: Unexplained): boolean => {
  const connection = connections[event.connection ?? -1];
  if (event.from !== 'CLOSED' || event.to !== 'ESTABLISHED' || !connection || connection.opener === event.host)
    return false;
  const answers = segments.filter(
    ({ event: { flags, from, at, connection: number } }) =>
      number === connection.number &&
      flags.includes('S') &&
      flags.includes('.') &&
      from === event.host &&
      at <= event.at,
  );
  const cookies = counted.rise(event.host, 'TcpExt.SyncookiesSent', connection.begin, event.between[1]) ?? 0;
  return answers.length > 0 && cookies >= answers.length;
};

/** What a process's end brought about shows that it had ended by then, whenever that was told. */
const endedBy = (
  { event, cause }: SegmentDraft | StateDraft,
  { moments, start }: Pick<Unexplained, 'moments' | 'start'>,
): void => {
  if (cause?.kind !== 'process-end') return;
  const end = cause.of.event;
  const at = event.kind === 'state' ? event.between[1] : event.at;
  if (at < end.at) moveTo(end, at, { moments, start });
};

/** To another moment, its step and its stage. */
const moveTo = (event: TimelineEvent, at: number, { moments, start }: Pick<Unexplained, 'moments' | 'start'>): void => {
  event.at = at;
  event.step = moments.stepAt(at + start);
  const stage = moments.stageAt(at + start);
  if (stage === undefined) delete event.stage;
  else event.stage = stage;
};

/** A change is not before the one before it, and stands where it may have begun. */
const place = (
  { event, cause }: StateDraft,
  [low, high]: Span,
  { previous, lastSeen = 0 }: { previous: StateDraft | undefined; lastSeen: number | undefined },
) => {
  const start = Math.max(low, previous?.event.at ?? low);
  event.between = [start, Math.max(start, high)];
  event.at = Math.min(Math.max(...standingAbove(cause).map(({ event: one }) => one.at), start), event.between[1]);
  if (!previous) return;
  const [earlier, later] = previous.event.between;
  previous.event.dwell = event.at - previous.event.at;
  // Where states were passed unseen, the first of them may have begun as soon as ss had looked.
  const ended = event.unseen ? Math.min(start, lastSeen) : start;
  if (event.unseen || !isExact(event.between) || !isExact(previous.event.between))
    previous.event.dwellBetween = [Math.max(0, ended - later), event.between[1] - earlier];
};

/**
 * The end of a process, or the starts of the programs one of which did it, are events of their own, and stand above
 * what they brought about.
 */
const standingAbove = (cause: Link | undefined): Draft[] =>
  cause?.kind === 'process-end' || cause?.kind === 'programs' ? [cause.of].flat() : [];

/** Sent by connection; received by pair, for that is how the kernel finds the socket. */
const sortTraffic = (segments: SegmentDraft[], pairs: number[]) => {
  const sent = new Map<string, SegmentDraft[]>();
  const received = new Map<string, SegmentDraft[]>();
  for (const draft of segments) {
    const { from, to, connection, origin, fate } = draft.event;
    if (origin === 'host') append(sent, `${from} ${connection}`, draft);
    if (fate === 'delivered') append(received, `${to} ${pairs[connection]}`, draft);
  }
  for (const list of received.values()) list.sort((a, b) => arrivalOf(a) - arrivalOf(b));
  const known = new Map<string, Traffic>();
  return (host: HostName, connection: number): Traffic => {
    const key = `${host} ${connection}`;
    const own = { sent: sent.get(key) ?? [], received: received.get(`${host} ${pairs[connection]}`) ?? [] };
    const traffic = known.get(key) ?? { ...own, arrivals: followArrivals(own, connection, arrivalOf) };
    known.set(key, traffic);
    return traffic;
  };
};

const append = (lists: Map<string, SegmentDraft[]>, key: string, draft: SegmentDraft) => {
  const list = lists.get(key);
  if (list) list.push(draft);
  else lists.set(key, [draft]);
};
