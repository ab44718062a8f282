// Processes that have lost the parent that started them: what a program leaves behind may go on with its sockets.
import { setTimeout as pause } from 'node:timers/promises';
import { processesHere, standingOf } from './process-state.ts';

export type Orphans = ReturnType<typeof createOrphans>;

/** @param known the processes the lab itself has started, which are no orphans */
export const createOrphans = (known: () => ReadonlySet<number>) => {
  const waiting: (() => void)[] = [];
  const look = async () => {
    for (let wait = firstWaitMs; waiting.length > 0; wait = Math.min(wait * 1.5, longestWaitMs)) {
      await pause(wait, undefined, { ref: false });
      if (count(known()) > 0) continue;
      for (const resolve of waiting.splice(0)) resolve();
    }
  };
  return {
    /** How many there are now. */
    count: () => count(known()),
    /** Resolves once none is left, a moment after the last has ended. */
    untilNone: (): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) void look();
      }),
  };
};

// Most children that outlive their parent do so for a moment. To look at all processes takes a few milliseconds.
const firstWaitMs = 20;
const longestWaitMs = 250;

/** They belong to the first process (proc(5): ppid). Those of the lab itself are of its session, or `known`. */
const count = (known: ReadonlySet<number>): number => {
  const own = new Set([1, process.pid].map((pid) => standingOf(pid)?.session));
  return processesHere().filter((pid) => {
    const { parent, session } = standingOf(pid) ?? {};
    return parent === 1 && !known.has(pid) && !own.has(session);
  }).length;
};
