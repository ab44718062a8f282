// What an error that ends a command, or one experiment of several, says to whoever started it: words and exit code.

import { RunError } from '../experiment/run-error.ts';
import { LabError } from '../lab/lab-error.ts';
import { errorCodeOf, messageOf, stackOf } from '../record/thrown.ts';
import { exitCode } from './exit-code.ts';
import { UsageError } from './usage-error.ts';

export type Failed = { experiment: string; error: Error };

/** Words for a line that begins with `finwait: `. */
export const explainFailure = (error: unknown): { words: string; code: number } => {
  if (error instanceof UsageError || (error instanceof RunError && error.code === 'EUSAGE'))
    return { words: error.message, code: exitCode.usage };
  if (error instanceof LabError)
    return { words: `this machine cannot run it. ${error.message}`, code: exitCode.machine };
  if (error instanceof RunError) return { words: error.message, code: exitCode.fault };
  const remedy = remedies[errorCodeOf(error) ?? ''];
  if (remedy) return { words: `${messageOf(error)}. ${remedy}`, code: exitCode.machine };
  return { words: `a fault of finwait itself. ${stackOf(error)}`, code: exitCode.fault };
};

/** Tell of experiments that came to no result, each reason once. Gives the gravest exit code; undefined when there was none. */
export const tellFailures = (failed: Failed[], isOne: boolean): number | undefined => {
  const explained = failed.map(({ experiment, error }) => ({ experiment, ...explainFailure(error) }));
  for (const [words, alike] of Map.groupBy(explained, (one) => one.words)) {
    const who = isOne ? '' : `${alike.map(({ experiment }) => experiment).join(', ')}: `;
    process.stderr.write(`finwait: ${who}${words}\n`);
  }
  return gravity.find((code) => explained.some((one) => one.code === code));
};

const gravity = [exitCode.fault, exitCode.machine, exitCode.usage];

const remedies: Record<string, string> = {
  ENOSPC:
    'The disk is full: make room, or write results elsewhere with --results DIR. What was recorded before is kept.',
  EDQUOT:
    'The disk quota is used up: make room, or write results elsewhere with --results DIR. What was recorded before is kept.',
  EACCES: 'This user may not write there: write results elsewhere with --results DIR.',
  EROFS: 'The file system is read-only: write results elsewhere with --results DIR.',
};
