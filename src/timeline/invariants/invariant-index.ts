// A timeline by what its invariants ask for.

import type { HostName } from '../../record/hosts.ts';
import { isSocketCall } from '../../record/part-records.ts';
import { leavesNothing } from '../calls/process-ends.ts';
import { pairOf } from '../connection-index.ts';
import type { CallEvent, SegmentEvent, StateEvent, Timeline, TimelineEvent } from '../schema.ts';

/** `what` says what is impossible about the event; `cause` is the event that cannot be its cause, where it is about one. */
export type Violation = { rule: Rule; what: string; event: string; cause?: string };

export type Rule =
  | 'cause exists'
  | 'cause first'
  | 'cause above effect'
  | 'nothing after the end'
  | 'no call left out'
  | 'same socket'
  | 'times in order'
  | 'one stage';

export type Effect = SegmentEvent | StateEvent;

export type Index = {
  timeline: Timeline;
  byId: Map<string, { event: TimelineEvent; index: number }>;
  /** The last change to CLOSED of each end of a connection. */
  ends: Map<string, StateEvent>;
  /** The first change to CLOSED of each socket by its number. */
  closed: Map<number, StateEvent>;
  /** The calls on each end of a connection that succeeded or are still under way, in order of time. */
  calls: Map<string, CallEvent[]>;
  exits: Map<string, number>;
  /** When nothing of a process was left that could act, by the id of its start. */
  lives: Map<string, number>;
  /** The connections and listening ports each process that is driven call by call has had to do with. */
  sockets: Map<string, Set<string>>;
  stageEnds: number[];
  /** Two endpoints as one word, by connection. */
  pairs: string[];
  slack: number;
};

export const indexRecord = (timeline: Timeline): Index => {
  const ends = new Map<string, StateEvent>();
  const closed = new Map<number, StateEvent>();
  const calls = new Map<string, CallEvent[]>();
  const exits = new Map<string, number>();
  const lives = new Map<string, number>();
  const starts = new Map<string, string>();
  const sockets = new Map<string, Set<string>>();
  for (const event of timeline.events) {
    if (event.kind === 'state' && event.to === 'CLOSED' && !closed.has(event.socket)) closed.set(event.socket, event);
    if (event.kind === 'state' && event.connection !== undefined && event.from !== 'LISTEN') {
      const key = endKey(event.host, event.connection);
      if (event.to === 'CLOSED') ends.set(key, event);
      else ends.delete(key);
    }
    if (event.kind === 'call' && event.connection !== undefined && event.returned?.errno === undefined) {
      const key = endKey(event.host, event.connection);
      calls.set(key, [...(calls.get(key) ?? []), event]);
    }
    if (event.kind === 'emit' || (event.kind === 'call' && isSocketCall(event))) {
      const key = `${event.host} ${event.process}`;
      const own = sockets.get(key) ?? new Set<string>();
      sockets.set(key, own);
      if (event.connection !== undefined) own.add(`#${event.connection}`);
      if (event.local) own.add(`port ${event.local.port}`);
      for (const child of event.kind === 'call' && event.api === 'share' ? childrenOf(event) : [])
        sockets.set(`${event.host} ${child}`, own);
    }
    if (event.kind === 'process' && event.edge === 'exit') exits.set(`${event.host} ${event.process}`, latestOf(event));
    if (event.kind === 'process' && event.edge === 'start') {
      exits.delete(`${event.host} ${event.process}`);
      starts.set(`${event.host} ${event.process}`, event.id);
    }
    if (event.kind === 'process' && leavesNothing(event))
      lives.set(starts.get(`${event.host} ${event.process}`) ?? '', event.at);
  }
  return {
    timeline,
    byId: new Map(timeline.events.map((event, index) => [event.id, { event, index }])),
    ends,
    closed,
    calls,
    exits,
    lives,
    sockets,
    stageEnds: timeline.events.flatMap((event) => (event.kind === 'stage' && event.edge === 'end' ? [event.at] : [])),
    pairs: timeline.connections.map(pairOf),
    slack: timeline.clockUncertainty,
  };
};

/** A process that shares a descriptor gives its child a name. */
const childrenOf = ({ args }: CallEvent): string[] =>
  args.flatMap((one) => (typeof one === 'object' && one !== null && 'name' in one ? [String(one.name)] : []));

export const endKey = (host: HostName, connection: number) => `${host} ${connection}`;

export const isEffect = (event: TimelineEvent): event is Effect => event.kind === 'segment' || event.kind === 'state';

/** The last moment an event can have happened at. */
export const latestOf = (event: TimelineEvent): number => (event.kind === 'state' ? event.between[1] : event.at);

/**
 * The first moment an event can have an effect at: a segment acts where it arrives, a process whose end was told had
 * ended by then.
 */
export const earliestEffectOf = (event: TimelineEvent): number =>
  event.kind === 'segment' ? (event.receivedAt ?? event.at) : event.at;
