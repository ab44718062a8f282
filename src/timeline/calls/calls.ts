// The calls by what they can bring about, indexed so that the one behind a segment is found at once.

import type { HostName } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import { isRead, readCalls, writeCalls } from '../../record/socket-calls.ts';
import type { CallEvent } from '../schema.ts';
import { countAtOrBefore } from '../search.ts';
import type { ApiEvents, CallDraft } from './api-events.ts';
import { listenerPortOf } from './socket-book.ts';

/** What a call can bring about on the wire. */
export type Purpose = 'connect' | 'write' | 'push' | 'close' | 'read' | 'listen';

export type CallIndex = {
  /** The latest call with this purpose on a connection's socket of a host, made by `at`. */
  latest(purpose: Purpose, host: HostName, connection: number, at: number): Found | undefined;
  /** The latest calls with this purpose that had not returned at `at`: none of them on behalf of another. */
  underWay(purpose: Purpose, host: HostName, connection: number, at: number): CallDraft[];
  /** Those that use the socket at `at`: it stays open for them, whoever closes its descriptor (fdget(), include/linux/file.h). */
  using(host: HostName, connection: number, at: number): CallDraft[];
  /** The script's calls that by `at` had given Node something to write on a connection, in order. */
  givenToNode(host: HostName, connection: number, at: number): CallDraft[];
  /** The latest listen or close on a listener of a port, made by `at`. */
  latestOnListener(purpose: 'listen' | 'close', host: HostName, port: number, at: number): Found | undefined;
  /** The latest input given to a program of the host, made by `at`. */
  latestInput(host: HostName, at: number): CallDraft | undefined;
  /** The latest connect from a host to a destination whose own connection is not known, made by `at`. */
  latestConnectTo(host: HostName, address: string, port: number, at: number): CallDraft | undefined;
  /** The latest thaw of one of these processes, by `at`. */
  latestThaw(host: HostName, processes: ReadonlySet<string>, at: number): CallDraft | undefined;
};

/** A call, and the one made at last: what Node does on the script's behalf is the script's call, however much later it comes. */
export type Found = { call: CallDraft; made: CallDraft };

export const indexCalls = ({ calls }: Pick<ApiEvents, 'calls'>): CallIndex => {
  const lists = new Map<string, CallDraft[]>();
  const add = (key: string, draft: CallDraft) => {
    const list = lists.get(key);
    if (list) list.push(draft);
    else lists.set(key, [draft]);
  };
  for (const draft of calls) {
    const { event } = draft;
    const { host, connection, api } = event;
    const purpose = purposeOf(event);
    if (purpose && connection !== undefined) add(`${purpose} ${host} ${connection}`, draft);
    if (connection === undefined) {
      const onListener = listenerPurposeOf(event);
      if (onListener) add(`${onListener} ${host} port ${listenerPortOf(event)}`, draft);
      if (purpose === 'connect' && event.remote)
        add(`connect ${host} to ${event.remote.address}:${event.remote.port}`, draft);
    }
    if (api === 'input' || api === 'endInput') add(`input ${host}`, draft);
    if (api === 'thaw') add(`thaw ${host}`, draft);
  }

  const upTo = (key: string, at: number) => {
    const list = lists.get(key) ?? [];
    return { list, count: countAtOrBefore(list, at, timeOf) };
  };
  const last = (key: string, at: number) => {
    const { list, count } = upTo(key, at);
    return list[count - 1];
  };
  const underWay: CallIndex['underWay'] = (purpose, host, connection, at) => {
    const { list, count } = upTo(`${purpose} ${host} ${connection}`, at);
    const returned = list.slice(0, count).findLastIndex(({ event }) => (event.returned?.at ?? at) < at);
    return list.slice(returned + 1, count);
  };
  return {
    latest: (purpose, host, connection, at) => scriptsOwn(upTo(`${purpose} ${host} ${connection}`, at)),
    underWay,
    using: (host, connection, at) =>
      (['connect', 'read', 'write'] as const).flatMap((purpose) => underWay(purpose, host, connection, at)),
    givenToNode: (host, connection, at) =>
      (['write', 'close'] as const)
        .flatMap((purpose) => lists.get(`${purpose} ${host} ${connection}`) ?? [])
        .filter(({ event }) => event.via === 'node' && (event.api === 'write' || event.api === 'end') && event.at <= at)
        .sort((a, b) => a.event.at - b.event.at),
    latestOnListener: (purpose, host, port, at) => scriptsOwn(upTo(`${purpose} ${host} port ${port}`, at)),
    latestInput: (host, at) => last(`input ${host}`, at),
    latestConnectTo: (host, address, port, at) => last(`connect ${host} to ${address}:${port}`, at),
    latestThaw: (host, processes, at) => {
      const { list, count } = upTo(`thaw ${host}`, at);
      return list.slice(0, count).findLast(({ event }) => processes.has(event.process));
    },
  };
};

const timeOf = ({ event }: { event: { at: number } }) => event.at;

/** What a call can bring about; nothing for one that failed. */
const purposeOf = (event: CallEvent): Purpose | undefined => {
  const { api, args, returned } = event;
  if (api === 'connect') return 'connect';
  if (returned?.errno !== undefined) return undefined;
  if (api === 'setsockopt') return letsGo(args) ? 'push' : acknowledges(args) ? 'read' : undefined;
  if (api === 'shutdown' && args.some((argument) => argument === 'SHUT_RD' || argument === 0)) return undefined;
  return api === 'splice' && isRead(event) ? 'read' : purposes[api];
};

/** No TCP_CORK any more, or TCP_NODELAY: what they kept back is sent at once (tcp_push_pending_frames(), net/ipv4/tcp.c). */
const letsGo = (args: readonly unknown[]): boolean => {
  const isOn = Number(args.at(-1)) !== 0;
  return (args.includes('TCP_CORK') && !isOn) || (args.includes('TCP_NODELAY') && isOn);
};

/** TCP_QUICKACK sends the acknowledgement that was put off, as a read does (__tcp_sock_set_quickack(), net/ipv4/tcp.c). */
const acknowledges = (args: readonly unknown[]): boolean => args.includes('TCP_QUICKACK') && Number(args.at(-1)) !== 0;

const purposes: Record<string, Purpose> = {
  ...Object.fromEntries(writeCalls.map((api) => [api, 'write' as const])),
  ...Object.fromEntries(readCalls.map((api) => [api, 'read' as const])),
  setNoDelay: 'push',
  echo: 'write',
  end: 'close',
  destroy: 'close',
  destroySoon: 'close',
  resetAndDestroy: 'close',
  reset: 'close',
  shutdown: 'close',
  close: 'close',
  resume: 'read',
  readStart: 'read',
  listen: 'listen',
  listenOn: 'listen',
};

/** shutdown(2) closes a listener unless it is for writing alone (net/ipv4/af_inet.c, inet_shutdown). */
const listenerPurposeOf = (event: CallEvent): 'listen' | 'close' | undefined => {
  const { api, args, local, remote, returned } = event;
  if (remote || returned?.errno !== undefined) return undefined;
  const purpose =
    api === 'shutdown' ? (args.includes('SHUT_WR') || args.at(-1) === 1 ? undefined : 'close') : purposeOf(event);
  return purpose === 'listen' || (purpose === 'close' && local) ? purpose : undefined;
};

/** What Node does of its own accord (shutdown after 'end') stays Node's; what end() and destroy() lead to is the script's. */
const scriptsOwn = ({ list, count }: { list: CallDraft[]; count: number }): Found | undefined => {
  const made = list[count - 1];
  if (!made) return undefined;
  if (made.event.by !== 'node') return { call: made, made };
  const wanted = precursors[made.event.api] ?? nothing;
  for (let index = count - 2; index >= 0; index--) {
    const call = itemAt(list, index);
    const { by, api, process, target } = call.event;
    if (process !== made.event.process || target !== made.event.target) continue;
    if (by === 'script' && wanted.has(api)) return { call, made };
  }
  return { call: made, made };
};

const nothing: Set<string> = new Set();
const precursors: Record<string, Set<string>> = {
  shutdown: new Set(['end', 'destroySoon']),
  close: new Set(['destroy', 'destroySoon', 'resetAndDestroy', 'close']),
  reset: new Set(['resetAndDestroy']),
  readStart: new Set(['resume']),
};
