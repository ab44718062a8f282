// Several experiments may decide one statement: its verdict follows from the cases of all.
import type { FindingResult } from './schema.ts';
import { conclude } from './verdict.ts';

/** One finding for each statement, in the order in which they first appear. */
export const combine = (findings: readonly FindingResult[]): FindingResult[] =>
  [...Map.groupBy(findings, ({ id, statement }) => `${id} ${statement}`).values()].map(combineSame);

const combineSame = (same: FindingResult[]): FindingResult => {
  const [first, ...others] = same as [FindingResult, ...FindingResult[]];
  if (others.length === 0) return first;
  const because = [...new Set(same.flatMap((one) => one.because ?? []))].join(' ');
  return {
    id: first.id,
    statement: first.statement,
    ...conclude(same.flatMap(({ cases }) => cases)),
    ...(because && { because }),
  };
};
