// The calls by what they can bring about, indexed so that the one behind a segment is found at once.
import type { ApiEvents, CallDraft, ProcessDraft } from './api-events.ts';
import type { CallEvent, HostName } from './schema.ts';
import { countAtOrBefore } from './search.ts';

/** What a call can bring about on the wire. */
export type Purpose = 'connect' | 'write' | 'close' | 'read' | 'listen';

export type CallIndex = {
  /** The latest call with this purpose on a connection's socket of a host, made by `at`. */
  latest(purpose: Purpose, host: HostName, connection: number, at: number): CallDraft | undefined;
  /** The latest listen or close on a listener of a port, made by `at`. */
  latestOnListener(purpose: 'listen' | 'close', host: HostName, port: number, at: number): CallDraft | undefined;
  /** The latest input given to a program of the host, made by `at`. */
  latestInput(host: HostName, at: number): CallDraft | undefined;
  /** The latest connect from a host to a destination, made by `at`. */
  latestConnectTo(host: HostName, address: string, port: number, at: number): CallDraft | undefined;
  /** The processes that hold the connection's socket, or the listener it came from. */
  holders(host: HostName, connection: number | undefined, port: number): Set<string>;
  /** The latest start of a program that is no Node or raw process, by `at`. */
  latestProgram(host: HostName, at: number): ProcessDraft | undefined;
  /** The end of one of these processes (or of any program, when there are none) that is recorded in the step and not before `at`. */
  processEnd(host: HostName, holders: Set<string>, at: number, step: number): ProcessDraft | undefined;
  /** The latest thaw of one of these processes in the step, by `at`. */
  latestThaw(host: HostName, holders: Set<string>, at: number, step: number): CallDraft | undefined;
  /** The latest kill, exit or crash of one of these processes in the step, by `at`. */
  latestEnding(host: HostName, holders: Set<string>, at: number, step: number): CallDraft | undefined;
};

export const indexCalls = ({ calls, emits, processes }: ApiEvents): CallIndex => {
  const lists = new Map<string, (CallDraft | ProcessDraft)[]>();
  const holding = new Map<string, Set<string>>();
  const driven = new Set<string>();
  const add = (key: string, draft: CallDraft | ProcessDraft) => {
    const list = lists.get(key);
    if (list) list.push(draft);
    else lists.set(key, [draft]);
  };
  const hold = (key: string, process: string) => {
    const set = holding.get(key);
    if (set) set.add(process);
    else holding.set(key, new Set([process]));
  };
  for (const draft of calls) {
    const { event } = draft;
    const { host, process, via, connection, api, local, remote } = event;
    if (via === 'node' || via === 'raw') driven.add(`${host} ${process}`);
    if (connection !== undefined) hold(`${host} ${connection}`, process);
    const purpose = purposeOf(event);
    if (purpose === 'listen') hold(`${host} port ${portOf(event)}`, process);
    if (purpose && connection !== undefined) add(`${purpose} ${host} ${connection}`, draft);
    if (
      (purpose === 'listen' || purpose === 'close') &&
      connection === undefined &&
      !remote &&
      (local || purpose === 'listen')
    ) {
      add(`${purpose} ${host} port ${portOf(event)}`, draft);
    }
    if (purpose === 'connect' && event.remote)
      add(`connect ${host} to ${event.remote.address}:${event.remote.port}`, draft);
    if (api === 'input' || api === 'endInput') add(`input ${host}`, draft);
    if (api === 'thaw') add(`thaw ${host}`, draft);
    if (endings.has(api) && event.returned?.errno === undefined) add(`ending ${host}`, draft);
  }
  for (const { event } of emits)
    if (event.connection !== undefined) hold(`${event.host} ${event.connection}`, event.process);
  for (const draft of processes) {
    const { host, process, edge } = draft.event;
    if (edge === 'exit') add(`exit ${host}`, draft);
    if (edge === 'start' && !driven.has(`${host} ${process}`)) add(`program ${host}`, draft);
  }

  const upTo = (key: string, at: number) => {
    const list = lists.get(key) ?? [];
    return { list, count: countAtOrBefore(list, at, timeOf) };
  };
  const last = (key: string, at: number) => {
    const { list, count } = upTo(key, at);
    return list[count - 1] as CallDraft | undefined;
  };
  const isMeant = ({ event: { host, process } }: CallDraft | ProcessDraft, holders: Set<string>) =>
    holders.size > 0 ? holders.has(process) : !driven.has(`${host} ${process}`);
  const latestInStep = (key: string, holders: Set<string>, at: number, step: number) => {
    const { list, count } = upTo(key, at);
    for (let index = count - 1; index >= 0; index--) {
      const draft = list[index] as CallDraft;
      // Steps may overlap: a script can take two at a time.
      if (draft.event.step < step && at - draft.event.at > late) return undefined;
      if (isMeant(draft, holders)) return draft;
    }
    return undefined;
  };
  return {
    latest: (purpose, host, connection, at) => scriptsOwn(upTo(`${purpose} ${host} ${connection}`, at)),
    latestOnListener: (purpose, host, port, at) => scriptsOwn(upTo(`${purpose} ${host} port ${port}`, at)),
    latestInput: (host, at) => last(`input ${host}`, at),
    latestConnectTo: (host, address, port, at) => last(`connect ${host} to ${address}:${port}`, at),
    latestProgram: (host, at) =>
      lists.get(`program ${host}`)?.[upTo(`program ${host}`, at).count - 1] as ProcessDraft | undefined,
    holders: (host, connection, port) =>
      (connection === undefined ? undefined : holding.get(`${host} ${connection}`)) ??
      holding.get(`${host} port ${port}`) ??
      nobody,
    processEnd: (host, holders, at, step) => {
      const { list, count } = upTo(`exit ${host}`, at - exitSlack);
      for (let index = count; index < list.length; index++) {
        const draft = list[index] as ProcessDraft;
        if (draft.event.step > step && draft.event.at - at > late) return undefined;
        if (isMeant(draft, holders)) return draft;
      }
      return undefined;
    },
    latestThaw: (host, holders, at, step) => latestInStep(`thaw ${host}`, holders, at, step),
    latestEnding: (host, holders, at, step) => latestInStep(`ending ${host}`, holders, at, step),
  };
};

const nobody: Set<string> = new Set();
const timeOf = ({ event }: { event: { at: number } }) => event.at;

/** The agent learns of an end after the kernel has closed the sockets; the captures' clock may be off by this much (ns). */
const exitSlack = 1e6;
/** What is recorded in another step counts for this long (ns). */
const late = 250e6;

const endings = new Set(['kill', 'exit', 'crash']);

/** What a call can bring about; nothing for one that failed. */
const purposeOf = ({ api, args, returned }: CallEvent): Purpose | undefined => {
  if (api === 'connect') return 'connect';
  if (returned?.errno !== undefined) return undefined;
  if (api === 'shutdown' && args.some((argument) => argument === 'SHUT_RD' || argument === 0)) return undefined;
  return purposes[api];
};

const purposes: Record<string, Purpose> = {
  write: 'write',
  send: 'write',
  echo: 'write',
  end: 'close',
  destroy: 'close',
  destroySoon: 'close',
  resetAndDestroy: 'close',
  reset: 'close',
  shutdown: 'close',
  close: 'close',
  recv: 'read',
  read: 'read',
  resume: 'read',
  readStart: 'read',
  listen: 'listen',
  listenOn: 'listen',
};

/** The port a listen or close on a listener is about: of its address, its settings, or what it returned. */
const portOf = ({ local, args: [first], returned }: CallEvent): number | undefined =>
  local?.port ??
  (first as { port?: number } | undefined)?.port ??
  (returned?.value as { port?: number } | undefined)?.port;

/**
 * What Node does on the script's behalf is the script's call, however much later it comes: shutdown(2) after end(), close(2) after
 * destroy(). What Node does of its own accord (shutdown after 'end') stays Node's.
 */
const scriptsOwn = ({ list, count }: { list: (CallDraft | ProcessDraft)[]; count: number }): CallDraft | undefined => {
  const latest = list[count - 1] as CallDraft | undefined;
  if (latest?.event.by !== 'node') return latest;
  const wanted = precursors[latest.event.api] ?? nothing;
  for (let index = count - 2; index >= 0; index--) {
    const draft = list[index] as CallDraft;
    const { by, api, process, target } = draft.event;
    if (process !== latest.event.process || target !== latest.event.target) continue;
    if (by === 'script' && wanted.has(api)) return draft;
  }
  return latest;
};

const nothing: Set<string> = new Set();
const precursors: Record<string, Set<string>> = {
  shutdown: new Set(['end', 'destroySoon']),
  close: new Set(['destroy', 'destroySoon', 'resetAndDestroy', 'close']),
  reset: new Set(['resetAndDestroy']),
  readStart: new Set(['resume']),
};
