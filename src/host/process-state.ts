// What /proc says of a process: its group, and whether all its threads have stopped.

import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Disposition } from '../record/part-records.ts';
import { failure } from './errno.ts';

/**
 * Parent, group and session of a process. Nothing when it has ended, be its zombie still there. While other threads live
 * on, a first thread that has ended shows Z as well, and the process holds what it held.
 */
export const standingOf = (pid: number): { parent: number; group: number; session: number } | undefined => {
  const [state, parent, group, session] = fieldsOf(`/proc/${pid}/stat`);
  const isEnded = state === undefined || state === 'X' || (state === 'Z' && threadsOf(pid).length <= 1);
  return isEnded ? undefined : { parent: Number(parent), group: Number(group), session: Number(session) };
};

/**
 * Whether the first thread of a process has not begun to end: what the process holds, it still holds. In the stat of
 * proc(5) the flags are the seventh field after the name.
 */
export const isAlive = (pid: number): boolean => {
  const fields = fieldsOf(`/proc/${pid}/stat`);
  const flags = Number(fields[6]);
  return /^[^ZX]$/.test(fields[0] ?? '') && (flags & exiting) === 0;
};

/** PF_EXITING (include/linux/sched.h). */
const exiting = 4;

/** How many processes a process has started that still run. */
export const countChildren = (pid: number): number =>
  processesHere().filter((one) => standingOf(one)?.parent === pid).length;

/**
 * What a process has said is to become of a signal (proc(5): SigCgt, SigIgn, SigBlk); nothing of one that has ended.
 * SIGKILL and SIGSTOP are as they are.
 */
export const dispositionOf = (pid: number, signal: NodeJS.Signals): Disposition | undefined => {
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  const has = (path: string, field: string) => {
    const mask = new RegExp(`^${field}:\\s*(\\w+)$`, 'm').exec(read(path))?.[1];
    return mask === undefined ? undefined : (BigInt(`0x${mask}`) & bit) !== 0n;
  };
  const isCaught = has(`/proc/${pid}/status`, 'SigCgt');
  if (isCaught === undefined) return undefined;
  if (threadsOf(pid).every((thread) => has(`/proc/${pid}/task/${thread}/status`, 'SigBlk') !== false)) return 'blocked';
  return isCaught ? 'caught' : has(`/proc/${pid}/status`, 'SigIgn') ? 'ignored' : 'default';
};

/** The name of a process's program, its first 15 letters (proc(5): comm). */
export const nameOf = (pid: number): string => read(`/proc/${pid}/comm`).trim();

/** The process that traces another (proc(5): TracerPid); 0 where none does. */
export const tracerOf = (pid: number): number =>
  Number(/^TracerPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

/** The processes that can be seen from here. */
export const processesHere = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/**
 * Resolves when every thread shows T. SIGSTOP is on its way when kill(2) returns: a thread stops when it next leaves
 * the kernel.
 */
export const untilStopped = async (pid: number): Promise<void> => {
  const deadline = performance.now() + patienceMs;
  while (!isStopped(pid)) {
    if (!standingOf(pid)) throw failure('ESRCH', `Process ${pid} ended before it stopped.`);
    if (performance.now() > deadline) {
      throw failure(
        'EAGAIN',
        `Process ${pid} has not stopped ${patienceMs / 1000} s after SIGSTOP: a thread of it is held in the kernel.`,
      );
    }
    await pause(1);
  }
};

const patienceMs = 2000;

const isStopped = (pid: number): boolean => {
  const threads = threadStates(pid);
  return threads.length > 0 && threads.every(({ state }) => state === 'T' || state === 't');
};

/** The one-letter state of each thread, as proc(5) has it. */
export const threadStates = (pid: number): { thread: number; state: string | undefined }[] =>
  threadsOf(pid).map((thread) => ({ thread: Number(thread), state: fieldsOf(`/proc/${pid}/task/${thread}/stat`)[0] }));

/**
 * Nanoseconds the threads of a process have waited, ready to run, for a processor
 * (Documentation/scheduler/sched-stats.rst, the second field of schedstat). Nothing where the kernel does not keep
 * account.
 */
export const waitForProcessor = (pid: number): number | undefined => {
  const waits = threadsOf(pid).map((thread) => fieldsIn(`/proc/${pid}/task/${thread}/schedstat`)[1]);
  return waits.some((wait) => wait === undefined) ? undefined : waits.reduce((sum, wait) => sum + Number(wait), 0);
};

const threadsOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

// The name in parentheses may hold anything, parentheses too: the fields begin after the last one.
const fieldsOf = (path: string): string[] => {
  const [, fields] = /.*\) (.*)/s.exec(read(path)) ?? [];
  return fields === undefined ? [] : fields.split(' ');
};

const fieldsIn = (path: string): string[] => read(path).trim().split(' ').filter(Boolean);

/** Empty for a process or thread that has ended. */
const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};
