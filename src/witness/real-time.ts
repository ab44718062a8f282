// The witnesses go before whatever else keeps the cores busy: a segment waits for their samples, and when it waits longer than an RTO
// the sender's kernel sends it again, so that the load would be part of the record. packetdrill does the same for itself.
import { readdirSync } from 'node:fs';
import { goFirst as goFirstOf } from '../scheduler.ts';

/** Let this thread, and what it starts from now on, run before all that is not of a real-time policy. Without CAP_SYS_NICE nothing happens. */
export const goFirst = (): void => letThread(0);

/**
 * Let other processes of this host go first too, each with all the threads it has: the policy is a thread's own (sched(7)), and a call that
 * blocks is made on a thread that has long been started.
 */
export const letGoFirst = (pids: number[]): void => {
  for (const pid of pids) for (const thread of threadsOf(pid)) letThread(thread);
};

const letThread = (thread: number) => void goFirstOf(thread, { andWhatItStarts: true });

const threadsOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // it has ended, or lives in a container of its own
  }
};
