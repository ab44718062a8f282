// Which processes hold a socket. Those that are driven call by call are known by their calls; a socket of none of them
// belongs to a program whose calls nobody recorded.

import { textIn } from '../../record/fields.ts';
import type { HostName } from '../../record/hosts.ts';
import { isSocketCall, isSystemCall } from '../../record/part-records.ts';
import type { ProgramLink } from '../draft.ts';
import type { CallEvent, Descriptor } from '../schema.ts';
import type { ApiEvents, ProcessDraft } from './api-events.ts';
import { leavesNothing } from './process-ends.ts';
import { listenerPortOf, madeSocket } from './socket-book.ts';

/** One end of a connection, or a listener: its port is that of the listener an end came from. */
export type SocketEnd = { host: HostName; connection?: number; port: number };

export type Holders = {
  /** The driven processes that had a descriptor of the socket, or of its listener, at some time. Empty: none ever had. */
  ever(socket: SocketEnd): ReadonlySet<string>;
  /** Those of them that still had one at `at` (ns since the start of the run). */
  at(socket: SocketEnd, at: number): Set<string>;
  /** Whether a socket had another descriptor when one of its own was closed by a call: then that sent nothing. */
  isKeptFrom(socket: SocketEnd, close: CallEvent): boolean;
  /** The processes that hold the listener of an end no process has a record of: one of them accepted it all the same. */
  silent(socket: SocketEnd, at: number): ProgramLink | undefined;
  /** The driven processes that hold a connection by Node, which reads from it by calls that nobody records. */
  node(socket: SocketEnd, at: number): ProgramLink | undefined;
  /**
   * The program that holds a socket opened by `since` and does something at `at`: the one that can, or one of several.
   * None that has ended can, unless it has left something behind.
   */
  program(host: HostName, since: number, at: number): ProgramLink | undefined;
  /** The same, without those that are stopped then and have no children that could act for them. */
  runningProgram(host: HostName, since: number, at: number): ProgramLink | undefined;
};

export const findHolders = (
  { calls, emits, processes }: ApiEvents,
  descriptors: readonly Descriptor[] = [],
): Holders => {
  /** By socket, then by process: its descriptors, each with the time it was closed. */
  const held = new Map<string, Map<string, Map<string, number>>>();
  const hold = (key: string, process: string, target: string, until?: number) => {
    const ofSocket = held.get(key) ?? new Map<string, Map<string, number>>();
    const targets = ofSocket.get(process) ?? new Map<string, number>();
    held.set(key, ofSocket.set(process, targets));
    const known = targets.get(target);
    if (until !== undefined || known === undefined) targets.set(target, until ?? Number.POSITIVE_INFINITY);
  };
  for (const { host, process, fd, connection, local, remote, until } of descriptors) {
    const key =
      connection !== undefined ? `${host} ${connection}` : local && !remote ? `${host} port ${local.port}` : undefined;
    if (key !== undefined) hold(key, process, `fd ${fd}`, until);
  }
  const driven = new Set(
    processes.flatMap(({ event }) => (event.driven || event.traced ? [`${event.host} ${event.process}`] : [])),
  );
  for (const { event } of calls) {
    const { host, process, connection } = event;
    if (!isSocketCall(event)) continue;
    driven.add(`${host} ${process}`);
    if (event.via === 'strace') continue;
    const key = connection !== undefined ? `${host} ${connection}` : listenerKey(event);
    if (key === undefined) continue;
    const target = descriptorOf(event);
    hold(key, process, target, isClose(event) ? (event.returned?.at ?? event.at) : undefined);
    if (event.api === 'share') hold(key, childOf(event) ?? process, 'inherited');
  }
  for (const { event } of emits) {
    if (event.connection === undefined) continue;
    const { host, process, connection, target, name } = event;
    if (name !== 'connection') hold(`${host} ${connection}`, process, target);
    else if (typeof event.detail?.socket === 'string') hold(`${host} ${connection}`, process, event.detail.socket);
  }
  const programs = lifetimes(processes, driven);
  const of = ({ host, connection, port }: SocketEnd) =>
    (connection === undefined ? undefined : held.get(`${host} ${connection}`)) ?? held.get(`${host} port ${port}`);
  const still = (socket: SocketEnd, at: number, isAmong = (_target: string) => true) => {
    const isOpen = ([target, until]: [string, number]) => until >= at && isAmong(target);
    const open = [...(of(socket) ?? [])].filter(([, targets]) => [...targets].some(isOpen));
    return new Set(open.map(([process]) => process));
  };
  const startsOf = (host: HostName, names: ReadonlySet<string>, at: number) => {
    const isStart = ({ event }: ProcessDraft) =>
      event.edge === 'start' && event.host === host && names.has(event.process) && event.at <= at;
    return [...new Map(processes.filter(isStart).map((one) => [one.event.process, one])).values()];
  };
  const living = (host: HostName, since: number, at: number) =>
    programs.filter((one) => one.host === host && one.start.event.at <= Math.min(since, at) && one.end >= at);
  return {
    ever: (socket) => new Set(of(socket)?.keys()),
    at: (socket, at) => still(socket, at),
    isKeptFrom: (socket, close) => {
      const { process, api, via, target, returned } = close;
      if (api !== 'close' || !isSystemCall(close) || !returned || returned.errno) return false;
      return [...(of(socket) ?? [])].some(([other, targets]) =>
        [...targets].some(([descriptor, until]) =>
          // A process does one thing after the other; when another one closed what it had is known less exactly.
          other === process
            ? !isOfNode(descriptor) && descriptor !== target && until > returned.at
            : via === 'strace' && until > returned.at + lateAtMost,
        ),
      );
    },
    silent: (socket, at) => {
      const { host, connection } = socket;
      if (held.has(`${host} ${connection}`)) return undefined;
      return linkTo(startsOf(host, still(socket, at), at));
    },
    node: (socket, at) => linkTo(startsOf(socket.host, still(socket, at, isOfNode), at)),
    program: (host, since, at) => linkTo(living(host, since, at).map(({ start }) => start)),
    runningProgram: (host, since, at) => {
      const isStopped = ({ stops }: Lifetime) => stops.some(([from, to]) => from <= at && at <= to);
      const running = living(host, since, at).filter((one) => !isStopped(one));
      return linkTo(running.map(({ start }) => start));
    },
  };
};

/** strace looks addresses up before it notes a return (ns). */
const lateAtMost = 1e6;

/** A socket of Node has a name of the script's; a descriptor that is driven by socket calls a number. */
const isOfNode = (target: string) => !target.startsWith('fd ');

const linkTo = (starts: ProcessDraft[]): ProgramLink | undefined => {
  if (starts.length > 1) return { kind: 'programs', of: starts };
  return starts[0] && { kind: 'program', of: starts[0] };
};

/** A server without a connection of its own is known by its port. */
const listenerKey = (call: CallEvent): string | undefined => {
  const { host, local, remote, api } = call;
  const isListen = api === 'listen' || api === 'listenOn';
  if (remote || (!local && !isListen)) return undefined;
  const port = listenerPortOf(call);
  return port === undefined ? undefined : `${host} port ${port}`;
};

/** accept(2) and dup(2) speak of the descriptor they made. */
const descriptorOf = ({ api, target = '', returned }: CallEvent): string => {
  if (api !== 'accept' && api !== 'dup') return target;
  return madeSocket(returned) ?? target;
};

/** The call that gives the descriptor up, not the one that asks Node to do so. */
const isClose = ({ via, by, api, returned }: CallEvent): boolean =>
  (api === 'close' || api === 'reset') && (via === 'raw' || by === 'node') && returned?.errno === undefined;

const childOf = ({ args: [first] }: CallEvent): string | undefined => textIn(first, 'name');

/** `stops`: from when to when it was stopped, and had no children. */
type Lifetime = { host: HostName; start: ProcessDraft; end: number; stops: [from: number, to: number][] };

/** From the start to the end of each program that is not driven call by call. */
const lifetimes = (processes: ProcessDraft[], driven: ReadonlySet<string>): Lifetime[] => {
  const all: Lifetime[] = [];
  for (const draft of processes) {
    const { host, process, edge, at } = draft.event;
    if (driven.has(`${host} ${process}`)) continue;
    if (edge === 'start') all.push({ host, start: draft, end: Number.POSITIVE_INFINITY, stops: [] });
    const open = all.findLast(({ start: { event } }) => event.host === host && event.process === process);
    if (open && leavesNothing(draft.event)) open.end = at;
    if (edge === 'stop' && !draft.event.children) open?.stops.push([at, Number.POSITIVE_INFINITY]);
    const stop = open?.stops.at(-1);
    if (edge === 'continue' && stop) stop[1] = at;
  }
  return all;
};
