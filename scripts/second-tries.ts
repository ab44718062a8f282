// Runs that were given a second try because the machine was too slow for the first. The first results are kept in one
// file for all tests of a run, told at its end and counted in its totals; more than a few are a fault.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** In a whole run of all tests. */
export const mostSecondTries = 2;

/** What came out first: the verdict of each finding, and why it is not believed. */
export type FirstResult = { experiment: string; place: string; verdicts: Record<string, string>; reasons: string[] };

/** Where they are kept; without the variable, for this process alone. */
export const secondTriesVariable = 'FINWAIT_SECOND_TRIES';
const own: FirstResult[] = [];

export const firstResults = (file = process.env[secondTriesVariable]): FirstResult[] => {
  if (file === undefined) return own;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): FirstResult => JSON.parse(line));
};

/** Keep a first result. Gives whether a second try is allowed: one too many is kept as well, and so makes the run fail. */
export const keepFirstResult = (result: FirstResult, file = process.env[secondTriesVariable]): boolean => {
  if (file === undefined) own.push(result);
  else appendFileSync(file, `${JSON.stringify(result)}\n`);
  return firstResults(file).length <= mostSecondTries;
};

/** What is told at the end, and how many failures it adds. */
export const tellOf = (results: FirstResult[]): { lines: string[]; failed: number } => ({
  lines: results.map(
    ({ experiment, place, verdicts, reasons }) =>
      `inconclusive at first, and tried again: ${experiment} (${place}; ${Object.entries(verdicts)
        .map(([id, verdict]) => `${id} ${verdict}`)
        .join(', ')}): ${reasons[0] ?? 'no reason'}`,
  ),
  failed: results.length > mostSecondTries ? 1 : 0,
});
