// Who runs first when the cores are busy (sched(7)): threads of a real-time policy go before all others. It takes
// CAP_SYS_NICE. In a lab those are the witnesses and the collector: a segment waits for their samples, and when it
// waits longer than an RTO the sender's kernel sends it again, so that the load would be part of the record.
// packetdrill does the same for itself.
import { readdirSync } from 'node:fs';
import koffi from 'koffi';

// include/uapi/linux/sched.h
const SCHED_OTHER = 0;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
const lowestPriority = 1;

koffi.struct('sched_param', { sched_priority: 'int' });
const setScheduler = koffi.load(null).func('int sched_setscheduler(int, int, sched_param *)');

/**
 * Let a thread (0: this one) go before all that is not of a real-time policy; so do the threads and processes it starts
 * from now on, if `andWhatItStarts`. False where this is not permitted.
 */
export const goFirst = (thread: number, { andWhatItStarts }: { andWhatItStarts: boolean }): boolean => {
  const policy = andWhatItStarts ? SCHED_RR : SCHED_RR | SCHED_RESET_ON_FORK;
  return setScheduler(thread, policy, { sched_priority: lowestPriority }) === 0;
};

/** This thread is one among the others again. */
export const goLikeOthers = (): void => void setScheduler(0, SCHED_OTHER, { sched_priority: 0 });

/**
 * Let other processes go first too, each with all the threads it has and whatever they start from now on: the policy is
 * a thread's own (sched(7)), and a call that blocks is made on a thread that has long been started.
 */
export const letGoFirst = (pids: readonly number[]): void => {
  for (const pid of pids) for (const thread of threadsOf(pid)) goFirst(thread, { andWhatItStarts: true });
};

const threadsOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // it has ended, or lives in a container of its own
  }
};
