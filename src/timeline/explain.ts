// Gives roles and causes to everything that has one, and to each change of state its moment, step and dwell time.
import type { ApiEvents } from './api-events.ts';
import type { CallIndex } from './calls.ts';
import { type ConnectionIndex, pairNumbers } from './connection-index.ts';
import type { Draft } from './draft.ts';
import type { Holders } from './holders.ts';
import type { Moments } from './moments.ts';
import type { ProcessEnds } from './process-ends.ts';
import { assignRoles, has } from './roles.ts';
import type { Connection, HostName, WireEvent } from './schema.ts';
import { arrivalOf, causeOfSegment } from './segment-causes.ts';
import type { SegmentDraft } from './segments.ts';
import type { Sightings } from './sightings.ts';
import { causeOfState, type Traffic } from './state-causes.ts';
import type { StateDraft } from './states.ts';

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
    moments,
    start,
  } = unexplained;
  const surroundings = assignRoles(segments, connections);
  const causes = { calls, holders, ends, connections, sightings, surroundings, operations };
  for (const draft of segments) draft.cause = causeOfSegment(draft, causes);

  const traffic = sortTraffic(segments, pairNumbers(connections));
  const context = { calls, holders, ends, connections, index, traffic, emits: apiEvents.emits };
  const pins = states.map((draft) => {
    const { cause, at } = causeOfState(draft, context);
    draft.cause = cause;
    return at;
  });
  for (const draft of [...segments, ...states]) endedBy(draft);
  const latest = new Map<number, StateDraft>();
  for (const [order, draft] of states.entries()) {
    const { event, cause } = draft;
    const [from, to] = event.between;
    const at = pins[order] ?? (cause?.kind === 'process-end' ? cause.of.event.at : expiryOf(draft, sightings));
    const previous = latest.get(event.socket);
    event.at = Math.min(Math.max(at, from, previous?.event.at ?? from, lastSending(draft, traffic)), to);
    event.step = moments.stepAt(event.at + start);
    const stage = moments.stageAt(event.at + start);
    if (stage !== undefined) event.stage = stage;
    if (previous) previous.event.dwell = event.at - previous.event.at;
    latest.set(event.socket, draft);
  }
};

/** A socket sends nothing once it is CLOSED; resets are the kernel's. */
const lastSending = ({ event }: StateDraft, traffic: (host: HostName, connection: number) => Traffic): number => {
  const { host, connection, from, to, between } = event;
  if (to !== 'CLOSED' || from === 'LISTEN' || connection === undefined) return between[0];
  const last = traffic(host, connection).sent.findLast(({ event: one }) => one.at <= between[1] && !has(one, 'R'));
  return last?.event.at ?? between[0];
};

/** What a process's end brought about shows that it had ended by then, whenever that was told. */
const endedBy = ({ event, cause }: SegmentDraft | StateDraft): void => {
  if (cause?.kind !== 'process-end') return;
  const end = cause.of.event;
  end.at = Math.min(end.at, event.kind === 'state' ? event.between[1] : event.at);
};

/**
 * Where nothing pins a change, it stands at the earliest moment it can have happened: when the timer of the last row runs out
 * (kernel timers are never early), else at the start of the span.
 */
const expiryOf = ({ event, rowBefore }: StateDraft, sightings: Sightings): number => {
  const [from] = event.between;
  if (!rowBefore?.timer) return from;
  // ss reads its rows some time between the sample's begin and end: every sample of one arming narrows down when it runs out.
  let due: [number, number] | undefined;
  for (const { sample, row } of sightings.backwards(event.host, event.local, event.peer, from)) {
    if (due === undefined && row !== rowBefore) return from;
    if (row.state !== rowBefore.state || row.timer?.name !== rowBefore.timer.name) break;
    const left = row.timer.expiresMs * 1e6;
    const [low, high]: [number, number] = due ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const narrowed: [number, number] = [Math.max(low, sample.begin + left), Math.min(high, sample.end + left)];
    if (narrowed[0] > narrowed[1] + jiffy) break; // it was armed anew
    due = narrowed;
  }
  return due?.[0] ?? from;
};

/** ss gives what is left of a timer in whole jiffies: 4 ms where HZ is 250, 10 ms at most (ns). */
const jiffy = 10e6;

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
  return (host: HostName, connection: number): Traffic => ({
    sent: sent.get(`${host} ${connection}`) ?? [],
    received: received.get(`${host} ${pairs[connection]}`) ?? [],
  });
};

const append = (lists: Map<string, SegmentDraft[]>, key: string, draft: SegmentDraft) => {
  const list = lists.get(key);
  if (list) list.push(draft);
  else lists.set(key, [draft]);
};
