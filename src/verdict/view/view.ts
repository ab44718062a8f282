// What a predicate sees of a run: the timeline by host, by connection, by stage. There is no other way to read the
// record. What nobody saw is Unobserved, and looking at something that is not there throws: either leaves the case
// unknown.

import { farHost, type HostName, hostNames } from '../../record/hosts.ts';
import type {
  CallEvent,
  Connection,
  EmitEvent,
  SegmentEvent,
  StageEvent,
  Timeline,
  TimelineEvent,
  WireEvent,
} from '../../timeline/schema.ts';
import { type ConnectionView, connectionIn } from './connection-view.ts';
import { callsOf, emitsOf } from './doings.ts';
import { exactly } from './exactly.ts';
import { agrees, type CallFilter, type EmitFilter, type SegmentFilter } from './filters.ts';
import { type HostView, hostIn } from './host-view.ts';
import { filterKnown, namesKnown } from './names.ts';
import { type Observation, observed, unwrap } from './observation.ts';
import { allCaptured } from './off-wire.ts';
import { type Moment, type Part, wholeRun } from './part.ts';

export type View = {
  /** Only what happened in a stage of the script. Throws when there was none of that name. */
  during(stage: string): View;
  /** Only what happened at or after an event, or before another (nanoseconds since the start of the run, or the event). */
  between(from: Moment | undefined, to?: Moment): View;
  client: HostView;
  /** Of an experiment with `proxy: true`; unobserved in another. */
  proxy: HostView;
  server: HostView;
  host(name: HostName): HostView;
  /**
   * Those on the wire. Unobserved where a host talked to itself, which is not captured: a connection's own `segments`
   * are not concerned.
   */
  segments(filter?: SegmentFilter): SegmentEvent[];
  /** The connections that began in the view. */
  connections: ConnectionView[];
  /**
   * A connection by its place in the view, the first by default: first come those that began in it, then those that
   * began earlier and have segments in it. Throws when there are not so many.
   */
  connection(index?: number): ConnectionView;
  /** The first of them to a port, whichever host opened it. Throws when there is none. */
  connectionTo(port: number): ConnectionView;
  calls(filter?: CallFilter): CallEvent[];
  emits(filter?: EmitFilter): EmitEvent[];
  operations(name?: string): WireEvent[];
  /** What the script noted. */
  notes(): StageEvent[];
  /** An event by its id, the cause of another. Throws when there is none, or when it is a change of state: ask for `states`. */
  event(id: string): TimelineEvent;
};

/** All of a run. */
export const viewOf = (timeline: Timeline): View => viewIn(wholeRun(timeline));

/** A part of a run. */
export const viewIn = (part: Part): View => {
  const found = (connection: Connection | undefined, which: string) => {
    if (!connection)
      throw new Error(
        `there is no connection ${which} in this part of the run (one that only lives on in it: run.connection(…).during(…))`,
      );
    return connectionIn(part, connection);
  };
  const view: View = {
    during: (stage) => viewIn(part.during(stage)),
    between: (from, to) => viewIn(part.between(from, to)),
    client: hostIn(part, 'client'),
    get proxy() {
      unwrap(namesKnown({ host: 'proxy' }, part.timeline));
      return hostIn(part, 'proxy');
    },
    server: hostIn(part, 'server'),
    host: (name) => hostIn(part, name),
    segments: (filter) => unwrap(segmentsOf(part, filter ?? {})),
    get connections() {
      unwrap(allCaptured(part, hostNames));
      return begunIn(part).map((connection) => connectionIn(part, connection));
    },
    connection: (index) => found(connectionsOf(part)[index ?? 0], String(index ?? 0)),
    connectionTo: (port) => found(connectionsOf(part).find(isTo(port)), `to port ${port}`),
    calls: (filter) => unwrap(callsOf(part, filter ?? {})),
    emits: (filter) => unwrap(emitsOf(part, filter ?? {})),
    operations: (name) => {
      unwrap(namesKnown({ operation: name }, part.timeline));
      return part.ofKind('wire').filter(({ operation }) => name === undefined || operation === name);
    },
    notes: () => part.ofKind('stage').filter(({ edge }) => edge === 'note'),
    event: (id) => {
      const event = part.timeline.events.find((one) => one.id === id);
      if (!event || event.kind === 'state') throw new Error(`there is no event ${id}`);
      part.ofKind(event.kind);
      return event;
    },
  };
  return exactly(view, part.timeline, ['host']);
};

/**
 * Of segments told by their flags or role those that were captured are an answer by themselves; that there is none, or
 * no other, is not.
 */
const segmentsOf = (part: Part, filter: SegmentFilter): Observation<SegmentEvent[]> => {
  const { from, flags, fate = 'delivered', role, origin = 'host' } = filter;
  const named = filterKnown('segment', filter, part.timeline);
  if (!named.observed) return named;
  const found = part.ofKind('segment').filter((segment) => agrees(segment, filter));
  const isDescribed = flags !== undefined || role !== undefined;
  // What a host sends to itself the wire neither loses nor makes.
  if (fate !== 'delivered' || origin !== 'host' || (isDescribed && found.length > 0)) return observed(found);
  const captured = allCaptured(part, from === undefined ? hostNames : [from]);
  return captured.observed ? observed(found) : captured;
};

/** Those that have segments in the part. */
const movingIn = (part: Part): Connection[] => {
  const numbers = new Set(part.ofKind('segment').map(({ connection }) => connection));
  return part.timeline.connections.filter(({ number }) => numbers.has(number));
};

const begunIn = (part: Part): Connection[] =>
  movingIn(part).filter(({ begin }) => begin >= part.from && begin <= part.to);

/** Whether the end that was connected to has this port; either end, where nobody saw who opened. */
const isTo = (port: number) => (connection: Connection) => {
  const { opener } = connection;
  const ends = opener ? [farHost(connection, opener)] : hostNames;
  return ends.some((host) => connection[host]?.port === port);
};

const connectionsOf = (part: Part): Connection[] => {
  const begun = begunIn(part);
  return [...begun, ...movingIn(part).filter((one) => !begun.includes(one))];
};
