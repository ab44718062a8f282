// What a predicate sees of a run: the timeline by host, by connection, by stage. Looking at something that is not there throws,
// and a predicate that throws leaves its case unknown.
import type {
  CallEvent,
  Connection,
  EmitEvent,
  Gap,
  HostName,
  SegmentEvent,
  Timeline,
  TimelineEvent,
  WireEvent,
} from '../timeline/schema.ts';
import { type ConnectionView, connectionIn } from './connection-view.ts';
import { agrees, type CallFilter, callsIn, type EmitFilter, type SegmentFilter } from './filters.ts';
import { type HostView, hostIn } from './host-view.ts';
import { type Moment, type Part, wholeRun } from './part.ts';

export type View = {
  /** Only what happened in a stage of the script. Throws when there was none of that name. */
  during(stage: string): View;
  /** Only what happened at or after an event, or before another (nanoseconds since the start of the run, or the event). */
  between(from: Moment | undefined, to?: Moment): View;
  client: HostView;
  server: HostView;
  host(name: HostName): HostView;
  events: TimelineEvent[];
  segments(filter?: SegmentFilter): SegmentEvent[];
  /** The connections that began in the view. */
  connections: ConnectionView[];
  /**
   * A connection by its place in the view, the first by default: first come those that began in it, then those that began earlier and have
   * segments in it. Throws when there are not so many.
   */
  connection(index?: number): ConnectionView;
  /** The first of them to a port of the server. Throws when there is none. */
  connectionTo(port: number): ConnectionView;
  calls(filter?: CallFilter): CallEvent[];
  emits(filter?: EmitFilter): EmitEvent[];
  operations(name?: string): WireEvent[];
  event(id: string): TimelineEvent;
  /** Witnesses that were blind in the spans looked at so far. */
  gaps(): Gap[];
};

/** All of a run. */
export const viewOf = (timeline: Timeline): View => viewIn(wholeRun(timeline));

const viewIn = (part: Part): View => {
  const found = (connection: Connection | undefined, which: string) => {
    if (!connection) throw new Error(`there is no connection ${which} in this part of the run`);
    return connectionIn(part, connection);
  };
  return {
    during: (stage) => viewIn(part.during(stage)),
    between: (from, to) => viewIn(part.between(from, to)),
    client: hostIn(part, 'client'),
    server: hostIn(part, 'server'),
    host: (name) => hostIn(part, name),
    get events() {
      return part.events();
    },
    segments: (filter = {}) => part.ofKind('segment').filter((segment) => agrees(segment, filter)),
    get connections() {
      return begunIn(part).map((connection) => connectionIn(part, connection));
    },
    connection: (index = 0) => found(connectionsOf(part)[index], String(index)),
    connectionTo: (port) =>
      found(
        connectionsOf(part).find(({ server }) => server.port === port),
        `to port ${port}`,
      ),
    calls: (filter = {}) => callsIn(part, filter),
    emits: (filter = {}) => part.ofKind('emit').filter((event) => agrees(event, filter)),
    operations: (name) => part.ofKind('wire').filter(({ operation }) => name === undefined || operation === name),
    event: part.event,
    gaps: part.gaps,
  };
};

/** Those that have segments in the part. */
const movingIn = (part: Part): Connection[] => {
  const numbers = new Set(part.ofKind('segment').map(({ connection }) => connection));
  return part.timeline.connections.filter(({ number }) => numbers.has(number));
};

const begunIn = (part: Part): Connection[] =>
  movingIn(part).filter(({ begin }) => begin >= part.from && begin <= part.to);

const connectionsOf = (part: Part): Connection[] => {
  const begun = begunIn(part);
  return [...begun, ...movingIn(part).filter((one) => !begun.includes(one))];
};
