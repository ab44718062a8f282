// What a predicate sees of a run: the timeline by host, by connection, by stage. Looking at something that is not there throws,
// and a predicate that throws leaves its case unknown.
import type {
  CallEvent,
  Connection,
  EmitEvent,
  Gap,
  HostName,
  OutputEvent,
  ProcessEvent,
  Sample,
  SegmentEvent,
  SocketRow,
  StateEvent,
  Timeline,
  TimelineEvent,
  WireEvent,
} from '../timeline/schema.ts';

export type SegmentFilter = { from?: HostName; flags?: string; fate?: SegmentEvent['fate']; role?: SegmentEvent['role']; origin?: SegmentEvent['origin'] };
export type CallFilter = { host?: HostName; process?: string; api?: string | string[]; by?: 'script' | 'node'; target?: string };
export type EmitFilter = { host?: HostName; process?: string; name?: string; target?: string };

/** One host in a view. */
export type HostView = {
  name: HostName;
  calls(api?: string | string[], filter?: CallFilter): CallEvent[];
  emits(name?: string, filter?: EmitFilter): EmitEvent[];
  processes(edge?: ProcessEvent['edge']): ProcessEvent[];
  output(process?: string): OutputEvent[];
  /** The samples of ss, in order. */
  samples: Sample[];
  /** The rows of all samples that fit, with the sample each comes from. */
  rows(fits: (row: SocketRow) => boolean): { id: string; at: number; row: SocketRow }[];
  /** State changes of the host's sockets that fit: listeners too, which belong to no connection. */
  states(filter?: { localPort?: number; to?: StateEvent['to'] }): StateEvent[];
  /** The sockets as the last sample of the view shows them. */
  last(): { id: string; rows: SocketRow[] };
};

/** One connection in a view. */
export type ConnectionView = Connection & {
  /** Its segments, in the order they were sent. */
  segments: SegmentEvent[];
  /** The segments up to and including the third of the handshake. */
  handshake: SegmentEvent[];
  /** From the first FIN or RST on. */
  closing: SegmentEvent[];
  /** State changes of one end, in order. */
  states(host: HostName): StateEvent[];
  /** The state of one end at the end of the view; CLOSED when ss shows no row. */
  state(host: HostName): { id: string; state: StateEvent['to'] };
  /** The rows of one end in the samples of the view, or of another view of the same run. */
  rows(host: HostName, view?: View): { id: string; at: number; row: SocketRow }[];
  /** Its last row on one end, in the last sample of the view. Throws when there is none. */
  row(host: HostName): { id: string; at: number; row: SocketRow };
  calls(host: HostName, api?: string | string[]): CallEvent[];
  emits(host: HostName, name?: string): EmitEvent[];
};

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
  connections: Connection[];
  /** One of them, with its segments and states; the first by default. Throws when there are not so many. */
  connection(index?: number): ConnectionView;
  /** The first that began in the view to a port of the server. Throws when there is none. */
  connectionTo(port: number): ConnectionView;
  calls(filter?: CallFilter): CallEvent[];
  emits(filter?: EmitFilter): EmitEvent[];
  operations(name?: string): WireEvent[];
  event(id: string): TimelineEvent;
  /** Witnesses that were blind in the spans looked at so far. */
  gaps(): Gap[];
};

type Moment = number | { at: number };

/** All of a run. */
export const viewOf = (timeline: Timeline): View => makeView(timeline, { from: 0, to: Number.POSITIVE_INFINITY }, { spans: [] });

type Span = { from: number; to: number; stage?: string };
type Looked = { spans: Span[] };

const makeView = (timeline: Timeline, span: Span, looked: Looked): View => {
  const within = ({ at }: { at: number }) => at >= span.from && at <= span.to;
  const inSpan = (event: TimelineEvent) => (span.stage === undefined ? within(event) : event.stage === span.stage && within(event));
  /** Whoever looks at events or samples is answerable for the witnesses of that span. */
  const look = () => {
    if (!looked.spans.includes(span)) looked.spans.push(span);
  };
  const memo = <T>(make: () => T) => {
    let made: T | undefined;
    return () => {
      look();
      made ??= make();
      return made;
    };
  };
  const events = memo(() => timeline.events.filter(inSpan));
  const ofKind = <K extends TimelineEvent['kind']>(kind: K) =>
    events().filter((event): event is Extract<TimelineEvent, { kind: K }> => event.kind === kind);
  const samples = memo(() => timeline.samples.filter(({ begin, end, ok }) => ok && begin >= span.from && end <= span.to));
  const begun = memo(() => {
    const numbers = new Set(ofKind('segment').map(({ connection }) => connection));
    return timeline.connections.filter(({ number, begin }) => numbers.has(number) && begin >= span.from && begin <= span.to);
  });

  const calls = (filter: CallFilter = {}) =>
    ofKind('call').filter((event) => agrees(event, { ...filter, api: undefined }) && matchesApi(event.api, filter.api));
  const emits = (filter: EmitFilter = {}) => ofKind('emit').filter((event) => agrees(event, filter));
  const rowsOf = (host: HostName, fits: (row: SocketRow) => boolean) =>
    samples()
      .filter((sample) => sample.host === host)
      .flatMap(({ id, end, rows }) => rows.filter(fits).map((row) => ({ id, at: end, row })));

  const host = (name: HostName): HostView => ({
    name,
    calls: (api, filter) => calls({ ...filter, host: name, api }),
    emits: (event, filter) => emits({ ...filter, host: name, ...(event === undefined ? {} : { name: event }) }),
    processes: (edge) => ofKind('process').filter((event) => event.host === name && (edge === undefined || event.edge === edge)),
    output: (process) => ofKind('output').filter((event) => event.host === name && (process === undefined || event.process === process)),
    get samples() {
      return samples().filter((sample) => sample.host === name);
    },
    rows: (fits) => rowsOf(name, fits),
    states: ({ localPort, to } = {}) =>
      ofKind('state').filter(
        (event) => event.host === name && (localPort === undefined || event.local.port === localPort) && (to === undefined || event.to === to),
      ),
    last: () => {
      const last = samples().findLast((sample) => sample.host === name);
      if (!last) throw new Error(`ss was not sampled on the ${name} in this part of the run`);
      return { id: last.id, rows: last.rows };
    },
  });

  const connectionView = (connection: Connection): ConnectionView => {
    const segments = ofKind('segment').filter((segment) => segment.connection === connection.number);
    const thirdOfHandshake = segments.findIndex(({ flags }, index) => index > 0 && !flags.includes('S'));
    const firstOfClose = segments.findIndex(({ flags }) => /[FR]/.test(flags));
    const states = (name: HostName) => ofKind('state').filter((event) => event.host === name && event.connection === connection.number);
    const rows: ConnectionView['rows'] = (name, view) => (view?.host(name) ?? host(name)).rows((row) => isEnd(row, connection, name));
    return {
      ...connection,
      segments,
      handshake: segments.slice(0, thirdOfHandshake < 0 ? segments.length : thirdOfHandshake + 1),
      closing: firstOfClose < 0 ? [] : segments.slice(firstOfClose),
      states,
      state: (name) => {
        const sample = host(name).last();
        const row = sample.rows.find((one) => isEnd(one, connection, name));
        return { id: states(name).at(-1)?.id ?? sample.id, state: row?.state ?? 'CLOSED' };
      },
      rows,
      row: (name) => {
        const { id } = host(name).last();
        const last = rows(name).findLast((row) => row.id === id);
        if (!last) throw new Error(`ss shows no socket of connection #${connection.number} on the ${name}`);
        return last;
      },
      calls: (name, api) => calls({ host: name, api }).filter((event) => event.connection === connection.number),
      emits: (name, event) => host(name).emits(event).filter((one) => one.connection === connection.number),
    };
  };

  return {
    during: (stage) => {
      const begin = timeline.events.find((event) => event.kind === 'stage' && event.edge === 'begin' && event.text === stage);
      const end = timeline.events.find((event) => event.kind === 'stage' && event.edge === 'end' && event.text === stage);
      if (!begin) throw new Error(`the run never reached the stage '${stage}'`);
      if (!end) throw new Error(`the run ended in the middle of the stage '${stage}'`);
      return makeView(timeline, { from: begin.at, to: end.at, stage }, looked);
    },
    between: (from, to) =>
      makeView(
        timeline,
        { ...span, from: Math.max(span.from, momentOf(from, span.from)), to: Math.min(span.to, momentOf(to, span.to)) },
        looked,
      ),
    client: host('client'),
    server: host('server'),
    host,
    get events() {
      return events();
    },
    segments: (filter = {}) => ofKind('segment').filter((segment) => agrees(segment, filter)),
    get connections() {
      return begun();
    },
    connection: (index = 0) => {
      const connection = begun().at(index);
      if (!connection) throw new Error(`there is no connection ${index} in this part of the run`);
      return connectionView(connection);
    },
    connectionTo: (port) => {
      const connection = begun().find(({ server }) => server.port === port);
      if (!connection) throw new Error(`there is no connection to port ${port} in this part of the run`);
      return connectionView(connection);
    },
    calls,
    emits,
    operations: (name) => ofKind('wire').filter(({ operation }) => name === undefined || operation === name),
    event: (id) => {
      look();
      const event = timeline.events.find((one) => one.id === id);
      if (!event) throw new Error(`there is no event ${id}`);
      return event;
    },
    gaps: () =>
      timeline.gaps.filter(({ from = 0, to = Number.POSITIVE_INFINITY }) => looked.spans.some((one) => from <= one.to && to >= one.from)),
  };
};

/** Whether a row of ss is one end of a connection, on that end's host. */
const isEnd = (row: SocketRow, { client, server }: Connection, host: HostName) => {
  const [own, peer] = host === 'client' ? [client, server] : [server, client];
  return row.local.port === own.port && row.peer.port === peer.port && row.local.address === own.address && row.peer.address === peer.address;
};

const agrees = (event: object, filter: object) =>
  Object.entries(filter).every(([key, value]) => value === undefined || (event as Record<string, unknown>)[key] === value);

const matchesApi = (api: string, wanted: string | string[] | undefined) =>
  wanted === undefined || (Array.isArray(wanted) ? wanted.includes(api) : api === wanted);

const momentOf = (moment: Moment | undefined, fallback: number) =>
  moment === undefined ? fallback : typeof moment === 'number' ? moment : moment.at;
