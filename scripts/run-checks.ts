// Runs checks two at a time and prints a line for each as it ends, with its output when it failed.
import { type Check, type Outcome, runCheck } from './checks.ts';

const atOnce = 2;

export const runChecks = async (checks: Check[]): Promise<Outcome[]> => {
  const waiting = [...checks];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const outcome = await runCheck(check);
      outcomes.push(outcome);
      process.stdout.write(lines(outcome));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
};

/** The line of a check; when it failed, its output as well, unless that has been shown already. */
export const lines = ({ check, ok, seconds, output, passed, failed }: Outcome): string => {
  const counted = check.tests ? `, ${passed} passed, ${failed} failed` : '';
  const line = `${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds.toFixed(1)} s${counted})\n`;
  if (ok) return line;
  const remedy = check.remedy ? `${check.remedy}\n` : '';
  return check.live ? line : `${line}\n${output.trimEnd()}\n${remedy}\n`;
};
