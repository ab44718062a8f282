// A process of a host, as its agent keeps it.
import type { Writable } from 'node:stream';

export type End = { code: number | null; signal: NodeJS.Signals | null };

export type HostProcess = {
  name: string;
  pid: number;
  /** What a command reads. */
  input?: Writable;
  running: boolean;
  /** When it was last seen alive (CLOCK_MONOTONIC). */
  aliveAt?: number;
  /** Resolves when the process has ended and what it wrote is recorded. */
  ended: Promise<End>;
};
