// From a run's folder to its timeline and verdicts, by the files alone. The run itself concludes in no other way.
import { diagnose } from '../diagnosis/catalogue.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { readEvidence, readVouched } from '../recording/read-evidence.ts';
import { readPlan } from '../recording/read-plan.ts';
import type { Plan } from '../recording/schema.ts';
import { buildTimeline } from '../timeline/build.ts';
import type { Timeline } from '../timeline/schema.ts';
import { timersOfRun } from '../verdict/influence/timers.ts';
import type { Diagnosis, Environment, FindingResult } from '../verdict/schema.ts';
import { judge } from '../verdict/verdict.ts';
import { inheritedBy, sysctlsSet } from './settings-of-run.ts';

export type Analysis = {
  plan: Plan;
  timeline: Timeline;
  findings: FindingResult[];
  /** Where they were asked for. */
  diagnoses?: Diagnosis[];
  environment: Environment;
};

/** Conclude from the evidence in a folder. Throws PlanError. */
export const analyze = (folder: string, definition: Experiment): Analysis => {
  const plan = readPlan(folder);
  const evidence = readVouched(folder, plan);
  const timeline = buildTimeline(evidence);
  return {
    plan,
    timeline,
    findings: judge(definition.findings, timeline, definition.furtherCases),
    ...(definition.diagnose && { diagnoses: diagnose(timeline) }),
    environment: {
      ...plan.environment,
      place: plan.place,
      wireMode: timeline.wireMode,
      ...(plan.oneHost && { oneHost: plan.oneHost }),
      ...(plan.proxy && { proxy: plan.proxy }),
      sysctls: sysctlsSet(evidence.api),
      inherited: inheritedBy(evidence.api),
      timers: timersOfRun(timeline),
      pace: plan.pace,
      ...(plan.stepped && { stepped: plan.stepped }),
    },
  };
};

/** The timeline of a run that is still under way: what its folder holds by now. */
export const timelineSoFar = (folder: string, plan: Plan): Timeline =>
  buildTimeline(readEvidence(folder, plan).evidence);
