// When each process ended. Its parent is told only after the kernel has closed its sockets, and may be busy then: the
// record of an end is later than the end itself. What the process still did, and the signal that ended it, bound it
// from the other side.

import type { HostName } from '../../record/hosts.ts';
import { isSocketCall } from '../../record/part-records.ts';
import type { ProcessEvent } from '../schema.ts';
import type { ApiEvents, CallDraft, ProcessDraft } from './api-events.ts';

export type ProcessEnds = {
  /**
   * The end of one of these processes that can have been in the span (ns since the start of the run); of several the
   * one told first.
   */
  within(host: HostName, processes: Iterable<string>, span: readonly [number, number]): ProcessDraft | undefined;
  /**
   * Whether a signal of the script ended the process before it could do anything about it, and without children: then
   * nobody but the kernel closed its sockets.
   */
  isKilled(end: ProcessDraft): boolean;
  /** The latest call that was to end one of these processes, made by `at`, whose end was never told. */
  untold(host: HostName, processes: Iterable<string>, at: number): CallDraft | undefined;
};

/** Whether nothing of a program acts from here on: neither itself nor what it has left behind, which may hold what it held. */
export const leavesNothing = ({ edge, orphans }: ProcessEvent): boolean =>
  edge === 'descendants-ended' || (edge === 'exit' && !orphans);

/** What bounds the ends of processes besides what they did: what strace saw of them (ns since the start of the run). */
export type Bounds = {
  traced: readonly { host: HostName; process: string; from: number; until: number }[];
  /** Both ends are of one host: what a process did at either it did itself. */
  isOneHost: boolean;
};

/** Give each exit its span and its cause, and find it by its process. `slack` is the uncertainty of captured times (ns). */
export const boundProcessEnds = (
  { calls, emits, processes }: ApiEvents,
  slack: number,
  { traced, isOneHost }: Bounds = { traced: [], isOneHost: false },
): ProcessEnds => {
  /** Who did something, at whichever end. */
  const actorOf = ({ host, process }: Named) => `${isOneHost ? '' : host} ${process}`;
  const signs = lastSigns({ calls, emits }, actorOf);
  const seen = Map.groupBy(traced, actorOf);
  const endings = Map.groupBy(
    calls.filter(({ event }) => isEnding(event.api) && event.returned?.errno === undefined),
    ({ event }) => actorOf(event),
  );
  const exits = new Map<string, ProcessDraft[]>();
  const killed = new Set<ProcessDraft>();
  const driven = new Set(processes.flatMap(({ event }) => (event.driven ? [keyOf(event)] : [])));
  let begin = new Map<string, number>();
  for (const draft of processes) {
    const { event } = draft;
    const key = keyOf(event);
    if (event.edge === 'start') begin = begin.set(key, event.at);
    if (event.edge !== 'exit') continue;
    const since = begin.get(key) ?? 0;
    const able = (endings.get(actorOf(event)) ?? []).filter(
      (one) => one.event.at >= since && one.event.at <= event.at && explains(one, event),
    );
    const isAtOnce = (one: CallDraft) => driven.has(key) || isDeadly(one);
    const call = able.find(isAtOnce) ?? able.at(-1);
    if (call?.event.host === event.host) draft.cause = { kind: 'call', of: call };
    if (call?.event.api === 'kill' && isDeadly(call) && !call.event.children && !event.orphans) killed.add(draft);
    const { aliveAt } = event;
    const asked = call && isAtOnce(call) ? call.event.at : (aliveAt ?? event.at - longestUntold);
    const earliest = Math.max(since, asked, call?.event.at ?? 0, aliveAt ?? 0, signs(actorOf(event), event.at));
    // A name may be used again.
    const own = seen.get(actorOf(event))?.findLast(({ until }) => until >= since && until <= event.at);
    if (own) event.at = own.until;
    event.between = [Math.min(Math.max(earliest, own?.from ?? 0), event.at), event.at];
    exits.set(key, [...(exits.get(key) ?? []), draft]);
  }
  return {
    within: (host, names, [from, to]) => {
      let first: ProcessDraft | undefined;
      for (const name of names) {
        const fits = ({ event: { between = [0, 0] } }: ProcessDraft) =>
          between[0] <= to + slack && between[1] >= from - slack;
        const exit = exits.get(keyOf({ host, process: name }))?.find(fits);
        if (exit && (!first || reportedAt(exit) < reportedAt(first))) first = exit;
      }
      return first;
    },
    isKilled: (end) => killed.has(end),
    untold: (host, names, at) => {
      for (const name of names) {
        const key = keyOf({ host, process: name });
        const call = endings.get(actorOf({ host, process: name }))?.findLast(({ event }) => event.at <= at);
        if (call && !exits.get(key)?.some(({ event }) => (event.between?.[1] ?? 0) >= call.event.at)) return call;
      }
      return undefined;
    },
  };
};

/**
 * Where nobody saw it alive: the end of a process that has chosen its moment is told this soon (ns), for the agent waits
 * for nothing else, and goes first.
 */
const longestUntold = 200e6;

type Named = { host: HostName; process: string };
const keyOf = ({ host, process }: Named) => `${host} ${process}`;
const reportedAt = ({ event }: ProcessDraft) => event.between?.[1] ?? event.at;

/** `exit` and `crash` are made by the process itself, `kill` by its agent. */
const isEnding = (api: string) => api === 'kill' || api === 'exit' || api === 'crash';

/**
 * A process may outlive a signal: only the one it died of ended it. How one ended whose parent had ended before is told
 * to nobody here: what no process outlives, SIGKILL and its own exit, explains it all the same.
 */
const explains = ({ event: { api, args } }: CallDraft, { code, signal }: ProcessEvent): boolean => {
  const isKnown = (code ?? signal ?? undefined) !== undefined;
  if (api === 'kill') return isKnown ? signal === args[0] : args[0] === 'SIGKILL';
  return !isKnown || (api === 'crash' ? code !== 0 : code === (args[0] ?? 0));
};

/** Whether a process does nothing more once it is asked to end: what catches a signal may go on, and die of it later. */
const isDeadly = ({ event: { api, args, disposition } }: CallDraft): boolean =>
  api !== 'kill' || args[0] === 'SIGKILL' || disposition === 'default';

/** The last moment by `at` at which a process made a call or emitted something. What it wrote may have been read later. */
const lastSigns = ({ calls, emits }: Pick<ApiEvents, 'calls' | 'emits'>, actorOf: (event: Named) => string) => {
  const times = new Map<string, number[]>();
  const add = (key: string, at: number) => {
    const list = times.get(key);
    if (list) list.push(at);
    else times.set(key, [at]);
  };
  for (const { event } of calls) {
    if (!isSocketCall(event)) continue;
    add(actorOf(event), event.at);
    if (event.returned) add(actorOf(event), event.returned.at);
  }
  for (const { event } of emits) add(actorOf(event), event.at);
  for (const list of times.values()) list.sort((a, b) => a - b);
  return (key: string, at: number): number => times.get(key)?.findLast((time) => time <= at) ?? 0;
};
