// The witnesses go before whatever else keeps the cores busy: a segment waits for their samples, and when it waits longer than an RTO
// the sender's kernel sends it again, so that the load would be part of the record. packetdrill does the same for itself.
import koffi from 'koffi';

// sched(7), include/uapi/linux/sched.h
const SCHED_RR = 2;
const lowestPriority = 1;

/** Let this process, and what it starts from now on, run before all that is not of a real-time policy. Without CAP_SYS_NICE nothing happens. */
export const goFirst = (): void => {
  koffi.struct('sched_param', { sched_priority: 'int' });
  koffi.load(null).func('int sched_setscheduler(int, int, sched_param *)')(0, SCHED_RR, {
    sched_priority: lowestPriority,
  });
};
