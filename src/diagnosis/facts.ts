// A timeline as the diagnoses ask it.
import { farHost, type HostName, hostNames } from '../record/hosts.ts';
import type { Sample, SocketRow } from '../record/samples.ts';
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
    events: timeline.events.filter((one) => one.kind !== 'call' || one.via !== 'strace' || !isBlind(one)),
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
  const sent = group(segments, ({ from, connection, origin }) => (origin === 'host' ? `${from} ${connection}` : ''));
  const received = group(segments, ({ to, connection, fate }) => (fate === 'delivered' ? `${to} ${connection}` : ''));
  const states = group(kinds('state'), keyOf);
  const calls = group(allCalls, keyOf);
  const emits = group(kinds('emit'), keyOf);
  const descriptors = group(timeline.descriptors ?? [], keyOf);
  const rows = new Map<string, Sighting[]>();
  const samples = group(
    timeline.samples.filter(({ ok }) => ok),
    ({ host }) => host,
  );
  for (const sample of timeline.samples)
    for (const row of sample.rows) append(rows, `${sample.host} ${nameOf(row)}`, { sample, row });
  return {
    timeline,
    ends: timeline.connections.flatMap((connection) =>
      hostNames
        .filter((host) => connection[host])
        .map((host) => ({ host, peer: farHost(connection, host), connection })),
    ),
    event: (id) => (id === undefined ? undefined : byId.get(id)),
    sent: (end) => sent.get(endKey(end)) ?? [],
    received: (end) => (received.get(endKey(end)) ?? []).toSorted((a, b) => arrivalOf(a) - arrivalOf(b)),
    states: (end) => states.get(endKey(end)) ?? [],
    calls: (end) => calls.get(endKey(end)) ?? [],
    emits: (end) => emits.get(endKey(end)) ?? [],
    descriptors: (end) => descriptors.get(endKey(end)) ?? [],
    rows: ({ host, peer, connection }) => {
      const all = rows.get(`${host} ${nameOf({ local: connection[host], peer: connection[peer] })}`) ?? [];
      const next = timeline.connections.find(
        (one) => one.begin > connection.begin && isSamePair(one, connection, host),
      );
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
const nameOf = ({ local, peer }: Pick<SocketRow, 'local' | 'peer'>): string =>
  `${local.address}:${local.port} ${peer.address}:${peer.port}`;
const isSamePair = (one: Connection, other: Connection, host: HostName): boolean =>
  one[host].port === other[host].port &&
  one[farHost(one, host)].port === other[farHost(other, host)].port &&
  one[host].address === other[host].address;

const append = <T>(lists: Map<string, T[]>, key: string, one: T) => {
  const list = lists.get(key);
  if (list) list.push(one);
  else lists.set(key, [one]);
};

const group = <T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> => {
  const lists = new Map<string, T[]>();
  for (const one of all) append(lists, key(one), one);
  return lists;
};
