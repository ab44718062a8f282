// What is known of a run while its script is judged.
import type { CallEvent, SegmentEvent } from '../../timeline/schema.ts';
import type { PktLine } from '../notation/script.ts';
import type { Numbers } from './compare.ts';
import type { createSchedule, Due } from './schedule.ts';

export type CallLine = Extract<PktLine, { action: 'call' }>;

/**
 * `undecided`: nobody knows. `fixed`: no delay of the tool's can have caused it. `otherKind`: none shorter than the
 * kernel's shortest.
 */
export type Problem = {
  expected: string;
  actual: string;
  evidence: { id: string }[];
  undecided?: true;
  fixed?: true;
  otherKind?: true;
};

export type State = {
  schedule: ReturnType<typeof createSchedule>;
  numbers: Numbers;
  queue: SegmentEvent[];
  connection?: number;
  isConnecting: boolean;
  isUnderWay: boolean;
  zero?: number;
  /** How far the script lagged behind its own times, at each line that is the tool's. */
  slips: { at: number; slip: number }[];
  /** Calls that block, with the time they were to return. */
  blocking: { line: CallLine; due: Due; event: CallEvent; slip: number }[];
  /** How far beyond its tolerance the tool was late, at worst, and where (seconds). */
  late?: { line: number; by: number };
  shown: { id: string }[];
};

export type Happening = { begun: number; ended: number; evidence: { id: string }[]; event?: CallEvent };
