// What a run is told besides its experiment.
import type { Telling } from '../judge/conclude.ts';
import type { Place } from '../lab/lab.ts';
import type { Plan } from '../recording/schema.ts';
import type { PlayPacketdrill } from '../script/play.ts';
import type { Progress, Stepper } from '../session/progress.ts';

export type RunOptions = {
  place: Place;
  /** The folder under which run folders are made. */
  results: string;
  pace: 'quick' | 'article';
  sysctls: Plan['sysctls'];
  /** Give the run up after this many seconds; default: what the experiment says, or 120. */
  timeoutSeconds?: number;
  /** Aborting it ends the script; what is recorded is kept and judged. */
  signal: AbortSignal;
  progress?: Progress & { phase?(name: string): void };
  /** Somebody who lets the run go on step by step; no timeout counts the time that takes. */
  stepper?: Stepper;
  /** The report that is wanted. */
  telling?: Telling;
  packetdrill: PlayPacketdrill;
  /** The script was made for this run: nobody knows its lines. */
  isMadeUp?: boolean;
  /** Whether other runs go on in this process meanwhile. */
  hasNeighbours?: boolean;
};
