// The steps of a run: each call of the script is one, and ends when the wire is quiet and ss has looked at all hosts.
import { callSite } from '../experiment/call-site.ts';
import { now } from '../record/clock.ts';
import type { Source } from '../record/source.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Wire } from '../wire/wire.ts';
import type { Progress, Stepper } from './progress.ts';
import type { Sockets } from './sockets.ts';
import { quietMilliseconds, type Waits } from './waits.ts';

export type StepAction<T> = (step: number, source: Source | undefined) => Promise<T>;

export type Steps = {
  /**
   * Take a step: `action` makes the call; then the wire falls quiet, unless the call is `local` (it cannot send
   * anything), and all hosts are sampled.
   */
  step<T>(description: string, action: StepAction<T>, local?: boolean): Promise<T>;
  /** Begin a step that has consequences of its own time: whoever begins it waits and samples as it needs. Gives its number. */
  beginStep(description: string, source: Source | undefined): number;
  /** The step under way and the line of the script: what an operation of the wire is recorded with. */
  context(): { step: number; source?: Source };
  /** Resolves when the steps are done that the script has begun and did not wait for. */
  finishSteps(): Promise<void>;
};

type Context = {
  wire: Pick<Wire, 'touch' | 'quiet'>;
  recorder: Recorder;
  progress: Progress;
  stepper: Stepper | undefined;
  looks: Pick<Sockets, 'lookOrFail'>;
  orAbort: Waits['orAbort'];
};

export const createSteps = ({ wire, recorder, progress, stepper, looks, orAbort }: Context): Steps => {
  let current = 0;
  const unfinished = new Set<Promise<unknown>>();
  const beginStep = (description: string, source: Source | undefined): number => {
    const step = ++current;
    progress.step?.(step, description, source);
    recorder.api({ type: 'step', t: now(), step, what: description, source });
    return step;
  };
  const takeStep = async <T>(
    description: string,
    action: StepAction<T>,
    source: Source | undefined,
    local: boolean,
  ): Promise<T> => {
    if (stepper) await orAbort(stepper.call(description, source));
    const step = beginStep(description, source);
    if (!local) wire.touch();
    const result = await orAbort(action(step, source)).catch((error: Error) => {
      throw Object.assign(error, { source }); // what a process refused bears no line of the script
    });
    if (!local) await orAbort(wire.quiet(quietMilliseconds));
    await orAbort(looks.lookOrFail(`step ${step}`)); // steps that are taken at once are looked at together
    return result;
  };
  return {
    step: (description, action, local = false) => {
      const taken = takeStep(description, action, callSite(), local);
      unfinished.add(taken);
      const finish = () => void unfinished.delete(taken);
      taken.then(finish, finish);
      return taken;
    },
    beginStep,
    context: () => ({ step: current, source: callSite() }),
    finishSteps: async () => void (await Promise.all(unfinished)),
  };
};
