// Follows a program through what strace wrote of it and of all it has started: its calls on TCP sockets as records, and
// which process had which socket.
import type { ApiRecord } from '../../record/api-records.ts';
import type { HostName } from '../../record/hosts.ts';
import { createTables, type Held, type TracedProcess } from './descriptor-tables.ts';
import { numberOf, type TcpDescriptor, tcpDescriptorOf } from './descriptor-words.ts';
import { createNotes, noteOf } from './notes.ts';
import { returnsOf } from './returns.ts';
import { type Instant, readStraceLines, type TracedLine } from './strace-lines.ts';
import { closedBy, closesOnExec, closesOnExecBy, receivedBy, type SocketCall, socketCallOf } from './traced-calls.ts';

type Call = Extract<TracedLine, { kind: 'call' }>;

/** What strace wrote of the program that was started under a name, and of all its descendants. */
export type TracedProgram = { host: HostName; process: string; pid: number; text: string };

export type Followed = { records: ApiRecord[]; held: Held[]; ends: TracedEnd[]; unreadable: string[] };

/** A process ended after its last call had begun, and before strace said so (CLOCK_MONOTONIC, ns). */
export type TracedEnd = { process: string; from: number; until: number };

/** `timeOf` gives CLOCK_MONOTONIC (ns) for a moment of CLOCK_REALTIME. */
export const followProgram = (
  { host, process, pid, text }: TracedProgram,
  timeOf: (at: Instant) => number,
): Followed => {
  const { lines, unreadable } = readStraceLines(text);
  const tables = createTables();
  const records: ApiRecord[] = [];
  const notes = createNotes();
  const byThread = new Map<number, TracedProcess>();
  const commands = new Map<TracedProcess, string>();
  const begun = new Map<TracedProcess, number>();
  const ended = new Map<TracedProcess, Ended>();
  const lastSeen = new Map<TracedProcess, number>();
  const ownerOf = (thread: number): TracedProcess => {
    const known = byThread.get(thread);
    if (known) return known;
    const isMain = byThread.size === 0 || thread === pid;
    const owner: TracedProcess = { name: isMain ? process : `${process}[${thread}]`, pid: thread, open: new Map() };
    byThread.set(thread, owner);
    return owner;
  };

  /** fork(2), or a thread (pthread_create(3)). */
  const beget = (call: Call, parent: TracedProcess, t: number) => {
    const child = numberOf(call.result);
    if (child === undefined || child <= 0) return;
    if (call.args.some((word) => word.includes('CLONE_THREAD'))) byThread.set(child, parent);
    else {
      const own = ownerOf(child);
      begun.set(own, t);
      if (call.args.some((word) => word.includes('CLONE_FILES')))
        Object.assign(own, { open: parent.open, sharesTable: true });
      else tables.fork(parent, own, t);
    }
  };

  const record = (
    call: Call,
    owner: TracedProcess,
    { api, on, args, value, made, remote, at: t, done }: SocketCall & { at: number; done: number },
  ) => {
    const id = `${owner.name}:strace:${records.length}`;
    const isStale = tables.isStale(owner, on);
    const addresses = isStale ? tables.connected(owner, on) : addressesOf(on);
    records.push({
      ...{ type: 'call', t, call: id, host, process: owner.name, via: 'strace', by: 'program', api, args },
      target: `fd ${on.fd}`,
      ...notes.behind(owner, api, on.fd),
      ...(api === 'listen' && tables.isInherited(owner, on) && { inherited: true as const }),
      ...(api === 'connect' ? remote && { remote } : addresses),
    });
    if (call.result === undefined || call.took === undefined) return;
    const told = made ?? on;
    records.push({
      ...{ type: 'return', t: done, call: id },
      ...(call.next && !call.returnedAt && { latest: Math.max(done, timeOf(call.next)) }),
      ...(call.errno ? { errno: call.errno } : value !== undefined && { value }),
      ...(api !== 'connect' && (isStale && told === on ? addresses : addressesOf(told))),
    });
  };

  const returns = returnsOf(lines, timeOf);
  for (const line of lines) {
    const owner = ownerOf(line.pid);
    const at = timeOf(line.at);
    if (line.kind === 'exit') {
      if (line.pid !== owner.pid) continue;
      tables.exit(owner, at);
      ended.set(owner, {
        t: at,
        from: lastSeen.get(owner) ?? at,
        ...(line.code !== undefined && { code: line.code }),
        ...(line.signal && { signal: line.signal }),
      });
      continue;
    }
    lastSeen.set(owner, at);
    const done = returns.get(line) ?? at;
    const { name } = line;
    if (/^(clone3?|v?fork)$/.test(name)) beget(line, owner, done);
    if (name === 'execve' && line.result === '0') {
      commands.set(owner, commandIn(line.args[1] ?? ''));
      for (const on of tables.closingOnExec(owner))
        record(line, owner, { api: 'close', on, args: [on.fd, { 'by execve()': true }], at, done });
      tables.exec(owner, done);
    }
    const kept = closesOnExecBy(line);
    for (const { fd } of kept ? tables.within(owner, kept.first, kept.last) : [])
      tables.setCloseOnExec(owner, fd, kept?.closes ?? false);
    for (const received of receivedBy(line)) tables.take(owner, received, done, 'received', closesOnExec(line));
    const note = noteOf(line);
    if (note) notes.take(owner, note);
    // What had the number is closed before it is given anew (dup2(2)), or a range of them at once.
    for (const closed of closedBy(line).flatMap(([first, last]) => tables.within(owner, first, last))) {
      record(line, owner, { api: 'close', on: closed, args: [closed.fd, { [`by ${name}()`]: true }], at, done });
      tables.release(owner, closed.fd, done, 'close');
    }
    const call = socketCallOf(line);
    // getsockname(2), or a read that found nothing yet: it shows where a socket leads all the same.
    const shown = call ? undefined : tcpDescriptorOf(line.args[0]);
    if (shown) tables.see(owner, shown, at);
    if (!call) continue;
    if (!line.errno && call.made)
      tables.take(
        owner,
        call.made,
        done,
        call.api === 'socket' || call.api === 'accept' ? call.api : 'dup',
        closesOnExec(line),
      );
    if (call.api !== 'socket') tables.see(owner, call.on, at);
    record(line, owner, { ...call, at, done });
    if (call.api === 'connect' && (!line.errno || line.errno === 'EINPROGRESS'))
      tables.connect(owner, call.on, call.remote);
    if (call.api === 'close') tables.release(owner, call.on.fd, done, 'close');
  }
  return {
    records: [...records, ...childrenOf(byThread, { host, process, tables, commands, begun, ended })],
    held: tables.all,
    ends: [...ended].map(([{ name }, { t, from }]) => ({ process: name, from, until: t })),
    unreadable,
  };
};

const addressesOf = ({ local, remote }: TcpDescriptor) => ({ ...(local && { local }), ...(remote && { remote }) });

/** Records of what a program has started: of those processes that ever had a TCP socket. */
const childrenOf = (
  byThread: ReadonlyMap<number, TracedProcess>,
  {
    host,
    process,
    tables,
    commands,
    begun,
    ended,
  }: {
    host: HostName;
    process: string;
    tables: { all: readonly Held[] };
    commands: ReadonlyMap<TracedProcess, string>;
    begun: ReadonlyMap<TracedProcess, number>;
    ended: ReadonlyMap<TracedProcess, Ended>;
  },
): ApiRecord[] => {
  const holding = new Set(tables.all.map((held) => held.process));
  const children = [...new Set(byThread.values())].filter(({ name }) => name !== process && holding.has(name));
  return children.flatMap((child): ApiRecord[] => {
    const { name, pid } = child;
    const end = ended.get(child);
    const fields = { type: 'process', host, process: name, pid } as const;
    const command = commands.get(child);
    return [
      { ...fields, edge: 'start', t: begun.get(child) ?? 0, traced: true, ...(command && { command }) },
      ...(end
        ? [{ ...fields, edge: 'exit' as const, t: end.t, code: end.code ?? null, signal: end.signal ?? null }]
        : []),
    ];
  });
};

type Ended = { t: number; from: number; code?: number; signal?: string };

/** `["node", "server.js"]` as one line. */
const commandIn = (words: string): string =>
  [...words.matchAll(/"(?<word>(?:[^"\\]|\\.)*)"/g)].map(({ groups }) => groups?.word).join(' ');
