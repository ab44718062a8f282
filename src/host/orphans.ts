// Processes that have lost the parent that started them: what a program leaves behind may go on with its sockets.
import { setTimeout as pause } from 'node:timers/promises';
import { nameOf, processesHere, standingOf } from './process-state.ts';

export type Orphans = ReturnType<typeof createOrphans>;

/** Those a program has left behind; `mayBeOthers`: none of them is certainly its own. */
export type Left = { count: number; mayBeOthers: boolean };

/**
 * @param known the processes the lab itself has started, which are no orphans
 * @param sessions the programs it has ever started, each the leader of a session that its descendants are of, unless they
 * have begun one of their own (setsid(2)): whose those are cannot be told
 */
export const createOrphans = (known: () => ReadonlySet<number>, sessions: () => ReadonlySet<number>) => {
  let waiting: { program: number; resolve: () => void }[] = [];
  const leftBy = (program: number, here = orphansHere(known())): Left => {
    const orphans = here.filter(({ session }) => session === program || !sessions().has(session));
    return { count: orphans.length, mayBeOthers: orphans.every(({ session }) => session !== program) };
  };
  const look = async () => {
    for (let wait = firstWaitMs; waiting.length > 0; wait = Math.min(wait * 1.5, longestWaitMs)) {
      await pause(wait, undefined, { ref: false });
      const here = orphansHere(known());
      const over = waiting.filter(({ program }) => leftBy(program, here).count === 0);
      waiting = waiting.filter((one) => !over.includes(one));
      for (const { resolve } of over) resolve();
    }
  };
  return {
    /** Those of a program, by its pid, that there are now. */
    leftBy: (program: number): Left => leftBy(program),
    /** Resolves once a program has none left, a moment after the last has ended. */
    untilNone: (program: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.push({ program, resolve });
        if (waiting.length === 1) void look();
      }),
  };
};

// Most children that outlive their parent do so for a moment. To look at all processes takes a few milliseconds.
const firstWaitMs = 20;
const longestWaitMs = 250;

/** They belong to the first process (proc(5): ppid). Those of the lab itself are of its session, or `known`. */
const orphansHere = (known: ReadonlySet<number>): { session: number }[] => {
  const own = new Set([1, process.pid].map((pid) => standingOf(pid)?.session));
  return processesHere().flatMap((pid) => {
    const { parent, session } = standingOf(pid) ?? {};
    const isOrphan = parent === 1 && session !== undefined && !known.has(pid) && !own.has(session);
    // What watches a program ends a moment after it.
    return isOrphan && nameOf(pid) !== 'strace' ? [{ session }] : [];
  });
};
