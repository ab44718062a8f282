// A timeline as the diagnoses ask it.
import { farHost, type HostName, hostNames } from '../record/hosts.ts';
import type { Sample, SocketRow } from '../record/samples.ts';
import { indexConnections, pairKey } from '../timeline/connection-index.ts';
import type {
  CallEvent,
  Connection,
  Descriptor,
  EmitEvent,
  ProcessEvent,
  SegmentEvent,
  StateEvent,
  Timeline,
  TimelineEvent,
} from '../timeline/schema.ts';

/** One end of a connection. */
export type End = { host: HostName; peer: HostName; connection: Connection };

export type Facts = {
  timeline: Timeline;
  /** Both ends of each connection. */
  ends: End[];
  event(id: string | undefined): TimelineEvent | undefined;
  /** What each of these is of one end, in order of time. */
  sent(end: End): SegmentEvent[];
  received(end: End): SegmentEvent[];
  states(end: End): StateEvent[];
  calls(end: End): CallEvent[];
  emits(end: End): EmitEvent[];
  descriptors(end: End): Descriptor[];
  /** The rows of ss of an end, in order of time. */
  rows(end: End): Sighting[];
  /** The same of a host's listeners on a port. */
  listeners(host: HostName, port: number): Sighting[];
  samples(host: HostName): Sample[];
  processes: ProcessEvent[];
  allCalls: CallEvent[];
};

export type Sighting = { sample: Sample; row: SocketRow };

/** Of a host whose calls are not all recorded none is asked: what nobody called would seem to be known. */
const wholeCalls = (timeline: Timeline): Timeline => {
  const blind = new Set(timeline.gaps.flatMap(({ witness, host }) => (witness === 'strace' ? [host] : [])));
  if (blind.size === 0) return timeline;
  const isBlind = (one: { host: HostName }) => blind.has(undefined) || blind.has(one.host);
  return {
    ...timeline,
    events: timeline.events.flatMap((one): TimelineEvent[] => {
      if (one.kind === 'call' && one.via === 'strace' && isBlind(one)) return [];
      if (one.kind !== 'process' || !isBlind(one)) return [one];
      const { traced: _, ...untraced } = one;
      return [untraced];
    }),
    descriptors: timeline.descriptors?.filter((one) => !isBlind(one)),
  };
};

export const factsOf = (whole: Timeline): Facts => {
  const timeline = wholeCalls(whole);
  const byId = new Map(timeline.events.map((event) => [event.id, event]));
  const kinds = <K extends TimelineEvent['kind']>(kind: K) =>
    timeline.events.filter((event): event is Extract<TimelineEvent, { kind: K }> => event.kind === kind);
  const segments = kinds('segment');
  const allCalls = kinds('call');
  const sent = Map.groupBy(segments, ({ from, connection, origin }) =>
    origin === 'host' ? `${from} ${connection}` : '',
  );
  const arrived = segments.toSorted((a, b) => arrivalOf(a) - arrivalOf(b));
  const received = Map.groupBy(arrived, ({ to, connection, fate }) =>
    fate === 'delivered' ? `${to} ${connection}` : '',
  );
  const states = Map.groupBy(kinds('state'), keyOf);
  const calls = Map.groupBy(allCalls, keyOf);
  const emits = Map.groupBy(kinds('emit'), keyOf);
  const descriptors = Map.groupBy(timeline.descriptors ?? [], keyOf);
  const samples = Map.groupBy(
    timeline.samples.filter(({ ok }) => ok),
    ({ host }) => host,
  );
  const rows = Map.groupBy(
    timeline.samples.flatMap((sample) => sample.rows.map((row): Sighting => ({ sample, row }))),
    ({ sample, row }) => `${sample.host} ${pairKey(row.local, row.peer)}`,
  );
  const index = indexConnections(timeline.connections, () => true);
  return {
    timeline,
    ends: timeline.connections.flatMap((connection) =>
      hostNames
        .filter((host) => connection[host])
        .map((host) => ({ host, peer: farHost(connection, host), connection })),
    ),
    event: (id) => (id === undefined ? undefined : byId.get(id)),
    sent: (end) => sent.get(endKey(end)) ?? [],
    received: (end) => received.get(endKey(end)) ?? [],
    states: (end) => states.get(endKey(end)) ?? [],
    calls: (end) => calls.get(endKey(end)) ?? [],
    emits: (end) => emits.get(endKey(end)) ?? [],
    descriptors: (end) => descriptors.get(endKey(end)) ?? [],
    rows: ({ host, peer, connection }) => {
      const all = rows.get(`${host} ${pairKey(connection[host], connection[peer])}`) ?? [];
      const next = index.next(connection);
      return all.filter(({ sample }) => sample.end >= connection.begin && sample.begin < (next?.begin ?? Infinity));
    },
    listeners: (host, port) =>
      (samples.get(host) ?? []).flatMap((sample) =>
        sample.rows
          .filter(({ state, local }) => state === 'LISTEN' && local.port === port)
          .map((row) => ({ sample, row })),
      ),
    samples: (host) => samples.get(host) ?? [],
    processes: kinds('process'),
    allCalls,
  };
};

/** When a segment reached its host (ns since the start of the run). */
export const arrivalOf = ({ receivedAt, at }: SegmentEvent): number => receivedAt ?? at;

const endKey = ({ host, connection }: End): string => `${host} ${connection.number}`;
const keyOf = ({ host, connection }: { host: HostName; connection?: number | undefined }): string =>
  connection === undefined ? '' : `${host} ${connection}`;
