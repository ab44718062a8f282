// Judges a run again, by the files of its folder and the experiment that ran.
import { join } from 'node:path';
import { readRegularFile } from '../recording/read-file.ts';
import { readPlan } from '../recording/read-plan.ts';
import type { Plan } from '../recording/schema.ts';
import type { Timeline } from '../timeline/schema.ts';
import { type Result, result as resultSchema } from '../verdict/schema.ts';
import { analyze } from './analyze.ts';
import { definitionOfRun } from './definition-of-run.ts';
import { resultOf } from './result-of.ts';

export type Judged = {
  plan: Plan;
  timeline: Timeline;
  result: Result;
  /** What the run itself concluded, as it lies in the folder; undefined where it is not there, or no JSON. */
  stored: { timeline: unknown; result: unknown };
  /** A sentence to be said with the verdicts. */
  note?: string;
};

/**
 * `isTodays`: by today's experiment, and nothing of the folder is executed. `diagnose`: whatever the experiment says.
 * Undefined where there is no experiment to judge by. Throws PlanError, and RunError where it cannot be loaded.
 */
export const judgeFolder = async (
  folder: string,
  { isTodays = false, diagnose = false } = {},
): Promise<Judged | undefined> => {
  const begun = performance.now();
  const recorded = readPlan(folder);
  const judge = await definitionOfRun(folder, recorded, { isTodays });
  if (!judge) return undefined;
  const concluded = analyze(folder, diagnose ? { ...judge.definition, diagnose } : judge.definition);
  const { plan, timeline } = concluded;
  const stored = { timeline: readStored(folder, 'timeline.json'), result: readStored(folder, 'result.json') };
  const known = resultSchema.safeParse(stored.result).data;
  const result = resultOf(concluded, {
    folder,
    durationMs: Math.round(timeline.duration / 1e6),
    phases: [{ name: 'analyse', ms: Math.round(performance.now() - begun) }],
    ...(known?.error ? { error: known.error } : {}),
    ...(known?.interrupted ? { interrupted: true } : {}),
  });
  return { plan, timeline, result, stored, ...(judge.note !== undefined && { note: judge.note }) };
};

const readStored = (folder: string, name: string): unknown => {
  try {
    return JSON.parse(readRegularFile(join(folder, name)).toString());
  } catch {
    return undefined;
  }
};
