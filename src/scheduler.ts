// Who runs first when the cores are busy (sched(7)): threads of a real-time policy go before all others. It takes CAP_SYS_NICE.
import koffi from 'koffi';

// include/uapi/linux/sched.h
const SCHED_OTHER = 0;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
const lowestPriority = 1;

koffi.struct('sched_param', { sched_priority: 'int' });
const setScheduler = koffi.load(null).func('int sched_setscheduler(int, int, sched_param *)');

/**
 * Let a thread (0: this one) go before all that is not of a real-time policy; so do the threads and processes it starts from now on, if
 * `andWhatItStarts`. False where this is not permitted.
 */
export const goFirst = (thread: number, { andWhatItStarts }: { andWhatItStarts: boolean }): boolean => {
  const policy = andWhatItStarts ? SCHED_RR : SCHED_RR | SCHED_RESET_ON_FORK;
  return setScheduler(thread, policy, { sched_priority: lowestPriority }) === 0;
};

/** This thread is one among the others again. */
export const goLikeOthers = (): void => void setScheduler(0, SCHED_OTHER, { sched_priority: 0 });
