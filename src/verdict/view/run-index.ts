// A run by host, address pair and process: what a question has to know of the whole run to tell whether it can be answered.

import { type HostName, perHost } from '../../record/hosts.ts';
import { isSocketCall, isSystemCall } from '../../record/part-records.ts';
import type { DestroyedSocket, Sample, SocketRow } from '../../record/samples.ts';
import { leavesNothing } from '../../timeline/calls/process-ends.ts';
import { endsAt, pairKey } from '../../timeline/connection-index.ts';
import type {
  CallEvent,
  Connection,
  EmitEvent,
  ProcessEvent,
  SegmentEvent,
  StateEvent,
  Timeline,
} from '../../timeline/schema.ts';
import { rowOwners } from './row-owners.ts';

/** What one host sent and was given between two endpoints, each in order of time. */
export type Traffic = { sent: SegmentEvent[]; received: SegmentEvent[] };
/** All processes, those of a host, or one by its name. */
type Which = { host?: HostName | undefined; process?: string | undefined };

/** A process and when it lived (ns since the start of the run). */
export type Life = { host: HostName; process: string; from: number; to: number };

export type RunIndex = {
  /** The good samples of ss, in order. */
  samples: Record<HostName, Sample[]>;
  /** What went between a host's endpoint and its peer, whatever connection it belonged to. */
  traffic(host: HostName, connection: Connection): Traffic;
  /** All of a host's segments. */
  allTraffic: Record<HostName, Traffic>;
  calls: Record<HostName, CallEvent[]>;
  exits: Record<HostName, ProcessEvent[]>;
  states(host: HostName, connection: number): StateEvent[];
  /** Whether a row of ss is the host's end of a connection, and not of another between the same endpoints. */
  isRowOf(connection: Connection, host: HostName): (row: SocketRow) => boolean;
  /** The processes known to have had a socket of the connection in hand, on a host. */
  holders(host: HostName, connection: number): ReadonlySet<string>;
  /** Whether a process that is told every call listened on the port. */
  isListenedOn(host: HostName, port: number): boolean;
  /** The first socket that Node accepted on the port and of which nothing tells which connection it is. */
  nameless(host: HostName, port: number): EmitEvent | undefined;
  /** Whether the process is told every call, so that each of its calls is recorded. */
  isDriven(host: HostName, process: string): boolean;
  /** Whether it makes its calls itself, and so emits nothing, as a Node process does: it only returns from them. */
  isRaw(host: HostName, process: string): boolean;
  /** The sockets the kernel destroyed, by their cookies, and when that was told at the latest. */
  destroyed(host: HostName, cookie: string): number | undefined;
  /** Those of them that no good sample shows. */
  unshown: Record<HostName, DestroyedSocket[]>;
  /** Changes of sockets that belong to no connection on the wire: listeners, and those of a host with itself. */
  offWire: Record<HostName, StateEvent[]>;
  /** The programs whose calls nobody records. */
  programs: Life[];
  /** The first of them that lived in a span, of a host or of both, of one name or of any. */
  programIn(span: { from: number; to: number }, which: Which): Life | undefined;
  /** The same of the processes of Node that are driven: libuv's own calls are not recorded. */
  nodeIn(span: { from: number; to: number }, which: Which): Life | undefined;
  /** Just after the script, its processes and ss last did anything: what the wire carries later is the kernels' own affair. */
  end: number;
};

export const runIndexOf = (timeline: Timeline): RunIndex => {
  const known = indexes.get(timeline);
  if (known) return known;
  const made = makeIndex(timeline);
  indexes.set(timeline, made);
  return made;
};
const indexes = new WeakMap<Timeline, RunIndex>();

const makeIndex = ({ events, samples, destroyed }: Timeline): RunIndex => {
  const traffic = new Map<string, Traffic>();
  const allTraffic = perHost(newTraffic);
  const calls = perHost((): CallEvent[] => []);
  const exits = perHost((): ProcessEvent[] => []);
  const states = new Map<string, StateEvent[]>();
  const offWire = perHost((): StateEvent[] => []);
  const holders = new Map<string, Set<string>>();
  const listeners = new Set<string>();
  const nameless = new Map<string, EmitEvent>();
  const driven = new Set<string>();
  const raw = new Set<string>();
  const node = new Set<string>();
  const owners = rowOwners(samples);
  const reports = new Map(destroyed.map(({ host, cookie, at }) => [`${host} ${cookie}`, at]));
  const lives: Life[] = [];
  let end = 0;

  for (const event of events) {
    if (event.kind === 'segment') {
      const { from, to, source, destination, sentAt, receivedAt, origin } = event;
      if (origin === 'host' && sentAt !== undefined) {
        allTraffic[from].sent.push(event);
        listIn(traffic, `${from} ${pairKey(source, destination)}`, newTraffic).sent.push(event);
      }
      if (receivedAt !== undefined) {
        allTraffic[to].received.push(event);
        listIn(traffic, `${to} ${pairKey(destination, source)}`, newTraffic).received.push(event);
      }
      continue;
    }
    if (event.kind === 'state') {
      if (event.connection === undefined) offWire[event.host].push(event);
      else listIn(states, `${event.host} ${event.connection}`, () => [] as StateEvent[]).push(event);
      owners.learn(event);
      continue;
    }
    end = Math.max(end, event.at, (event.kind === 'call' && event.returned?.at) || 0);
    if (event.kind === 'call') {
      const { host, process, api, local } = event;
      calls[host].push(event);
      if (!isSocketCall(event)) continue;
      driven.add(`${host} ${process}`);
      (isSystemCall(event) ? raw : node).add(`${host} ${process}`);
      if (local && listening.has(api)) listeners.add(`${host} ${local.port}`);
    }
    if (event.kind === 'emit' && event.name === 'connection' && event.connection === undefined && event.local) {
      const port = `${event.host} ${event.local.port}`;
      if (!nameless.has(port)) nameless.set(port, event);
    }
    if ((event.kind === 'call' || event.kind === 'emit') && event.connection !== undefined)
      listIn(holders, `${event.host} ${event.connection}`, () => new Set<string>()).add(event.process);
    if (event.kind !== 'process') continue;
    if (event.edge === 'exit') exits[event.host].push(event);
    if (event.edge === 'start' && event.driven) driven.add(`${event.host} ${event.process}`);
    const { host, process } = event;
    if (event.edge === 'start') lives.push({ host, process, from: event.at, to: Number.POSITIVE_INFINITY });
    const life = lives.findLast((one) => one.host === host && one.process === process);
    if (life && leavesNothing(event)) life.to = event.at;
  }
  for (const list of [...traffic.values(), ...Object.values(allTraffic)])
    list.received.sort((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0));
  const good = (host: HostName) => samples.filter((sample) => sample.host === host && sample.ok);
  const own = perHost(good);
  const unshown = (host: HostName) => {
    const cookies = new Set(own[host].flatMap(({ rows }) => rows.map(({ cookie }) => cookie)));
    return destroyed.filter((one) => one.host === host && !cookies.has(one.cookie));
  };
  const isDriven = (host: HostName, process: string) => driven.has(`${host} ${process}`);
  const programs = lives.filter(({ host, process }) => !isDriven(host, process));
  const nodes = lives.filter(({ host, process }) => node.has(`${host} ${process}`));

  return {
    samples: own,
    traffic: (host, connection) => traffic.get(`${host} ${pairKey(...endsAt(connection, host))}`) ?? silence,
    allTraffic,
    calls,
    exits,
    states: (host, connection) => states.get(`${host} ${connection}`) ?? [],
    isRowOf: owners.isRowOf,
    holders: (host, connection) => holders.get(`${host} ${connection}`) ?? nobody,
    nameless: (host, port) => nameless.get(`${host} ${port}`),
    isListenedOn: (host, port) => listeners.has(`${host} ${port}`),
    isDriven,
    isRaw: (host, process) => raw.has(`${host} ${process}`),
    destroyed: (host, cookie) => reports.get(`${host} ${cookie}`),
    unshown: perHost(unshown),
    offWire,
    programs,
    programIn: (span, which) => programs.find(livesIn(span, which)),
    nodeIn: (span, which) => nodes.find(livesIn(span, which)),
    end: Math.max(end, samples.at(-1)?.end ?? 0) + 1,
  };
};

const livesIn =
  ({ from, to }: { from: number; to: number }, { host, process }: Which) =>
  (life: Life): boolean =>
    (host === undefined || life.host === host) &&
    (process === undefined || life.process === process) &&
    life.from < to &&
    life.to > from;

const newTraffic = (): Traffic => ({ sent: [], received: [] });
const silence: Traffic = newTraffic();
const nobody: ReadonlySet<string> = new Set();
const listening = new Set(['listen', 'listenOn']);

const listIn = <T>(map: Map<string, T>, key: string, make: () => T): T => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};
