// A process of a host, as its agent keeps it.
import type { ChildProcess } from 'node:child_process';

export type End = { code: number | null; signal: NodeJS.Signals | null };

export type HostProcess = {
  name: string;
  pid: number;
  /** Absent for a process that one of ours started. */
  child?: ChildProcess;
  running: boolean;
  /** When it was last seen alive (CLOCK_MONOTONIC). */
  aliveAt?: number;
  /** Resolves when the process has ended and what it wrote is recorded. */
  ended: Promise<End>;
};
