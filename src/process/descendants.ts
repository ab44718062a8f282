// Which processes a process has started and not yet waited for, by /proc.
import { readFileSync } from 'node:fs';

/** Empty where the kernel does not tell (CONFIG_PROC_CHILDREN), or the process has ended. */
export const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

/** Itself, its children, theirs, and so on. */
export const familyOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];
