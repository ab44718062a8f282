// Whether a thread of this process is about to return from a call.
import { setTimeout as pause } from 'node:timers/promises';
import { threadStates } from '../process-state.ts';

/**
 * Resolves when no other thread runs. The kernel marks a thread runnable in the moment it wakes it: one that still
 * sleeps in a call has nothing to tell yet, and one that sleeps again has told. Gives up after 50 ms, when a thread
 * works on something else.
 */
export const threadsIdle = async (blocking: number): Promise<void> => {
  if (blocking === 0) return;
  for (let tries = 0; tries < 50 && othersRun(); tries++) await pause(1);
};

const othersRun = (): boolean =>
  threadStates(process.pid).some(({ thread, state }) => thread !== process.pid && state === 'R');
