// What a run tells while it goes on, and who may hold it up.
import type { HostName } from '../record/hosts.ts';
import type { Source } from '../record/source.ts';
import type { Plan } from '../recording/schema.ts';
import type { Gate } from '../wire/gate.ts';
import type { WireSegment } from '../wire/segment.ts';
import type { RawSample } from '../witness/ss.ts';

export type Progress = {
  step?(step: number, description: string, source: Source | undefined): void;
  /** ss has looked at a host. */
  sample?(host: HostName, sample: RawSample): void;
  /** A program has printed. */
  output?(process: string, text: string): void;
  segment?(segment: WireSegment, fate: string): void;
  waiting?(description: string, milliseconds: number): void;
  /** Nothing is waited for any more: the script goes on. */
  goesOn?(): void;
  /** The lab has done nothing but wait for a while (true), or goes on (false): others may use the cores. */
  idle?(isIdle: boolean): void;
};

/** Somebody who lets the run go on step by step. */
export type Stepper = Gate & {
  /** The run has begun. `sample` has ss look at all hosts. */
  begin(run: { folder: string; plan: Plan; sample(reason: string): Promise<unknown> }): void;
  /** Resolves when the call may be made. */
  call(description: string, source: Source | undefined): Promise<void>;
  /** Milliseconds the run has waited for somebody to decide: no timeout counts them. */
  waited(): number;
};
