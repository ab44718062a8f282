// What follows from a recording: timeline, verdicts, the page, and the words for the terminal. By the files in the
// run's folder alone.
import type { Experiment } from '../experiment/experiment.ts';
import { writeJson } from '../recording/write-json.ts';
import { renderReport } from '../report/terminal/terminal.ts';
import { contradictions } from '../report/words/contradictions.ts';
import type { Screen } from '../report/words/screen.ts';
import type { Result } from '../verdict/schema.ts';
import { analyze } from './analyze.ts';
import { keepConclusions } from './conclusions.ts';
import { resultOf } from './result-of.ts';
import { writeReport } from './write-report.ts';

/** A run whose evidence is sealed. A plain value: a thread can be given it. */
export type Recording = {
  folder: string;
  phases: Result['phases'];
  /** What stopped the script. */
  error?: Result['error'];
  interrupted?: true;
};

/** The screen and the detail of the report that is wanted. */
export type Telling = { screen: Screen; detail: 'full' | 'normal' | 'quiet' };

export type Conclusion = {
  result: Result;
  /** The report, where one was wanted. */
  report?: string;
  /** A sentence where finwait's own conclusions contradict each other. */
  fault?: string;
};

/** Judge a recording, and write timeline.json, result.json and what people look at into its folder. */
export const conclude = async (
  recording: Recording,
  definition: Experiment,
  telling?: Telling,
): Promise<Conclusion> => {
  const begun = performance.now();
  const { folder, phases, ...end } = recording;
  const concluded = analyze(folder, definition);
  const { plan, timeline } = concluded;
  writeJson(folder, 'timeline.json', timeline);
  const all = [...phases, { name: 'analyse', ms: Math.round(performance.now() - begun) }];
  const durationMs = all.reduce((sum, { ms }) => sum + ms, 0);
  const result = resultOf(concluded, { folder, durationMs, phases: all, ...end });
  writeJson(folder, 'result.json', result);
  await writeReport(folder, { timeline, result, file: plan.file });
  keepConclusions(folder, ['timeline.json', 'result.json']);
  const fault = contradictions(timeline);
  return {
    result,
    ...(telling && { report: renderReport({ timeline, result, ...telling }) }),
    ...(fault && { fault }),
  };
};
