// From cases to a verdict. It is derived, never written: all held → reproduced, none → refuted, some → conditional,
// any unknown → inconclusive.
import type { Timeline } from '../timeline/schema.ts';
import type { Check } from './checks.ts';
import type { Finding } from './finding.ts';
import type { CaseResult, FindingResult } from './schema.ts';
import { viewOf } from './view.ts';

/** Judge every finding by the record. Pure: the same timeline gives the same verdicts. */
export const judge = (findings: Record<string, Finding>, timeline: Timeline): FindingResult[] =>
  Object.entries(findings).map(([id, finding]) => judgeOne(id, finding, timeline));

const judgeOne = (id: string, finding: Finding, timeline: Timeline): FindingResult => {
  const cases = Object.entries(finding.cases).map(([name, predicate]) => ({ name, ...judgeCase(predicate, timeline) }));
  return { id, statement: finding.statement, verdict: verdictOf(cases), because: reasonOf(cases, finding), cases };
};

/** A case: what its predicate says, unless a witness was blind while the predicate looked, or the predicate threw. */
const judgeCase = (predicate: Finding['cases'][string], timeline: Timeline): Check => {
  const view = viewOf(timeline);
  let check: Check;
  try {
    check = predicate(view);
  } catch (error) {
    return {
      outcome: 'unknown',
      expected: 'evidence',
      actual: `the predicate could not be decided: ${(error as Error).message}`,
      evidence: [],
    };
  }
  const gap = view.gaps()[0];
  if (gap && check.outcome !== 'unknown') {
    return { ...check, outcome: 'unknown', actual: `a witness is missing: ${gap.reason} (${check.actual})` };
  }
  if (check.outcome !== 'unknown' && check.evidence.length === 0) {
    return { ...check, outcome: 'unknown', actual: `no event shows it (${check.actual})` };
  }
  return check;
};

/** The verdict that follows from the outcomes of cases. */
export const verdictOf = (cases: readonly CaseResult[]): FindingResult['verdict'] => {
  const outcomes = cases.map(({ outcome }) => outcome);
  if (outcomes.length === 0 || outcomes.includes('unknown')) return 'inconclusive';
  if (!outcomes.includes('failed')) return 'reproduced';
  return outcomes.includes('held') ? 'conditional' : 'refuted';
};

/** One line: the cases that decided, and what the finding says of kernel and settings. */
const reasonOf = (cases: CaseResult[], { because }: Finding): string => {
  const named = (outcome: string) => cases.filter((one) => one.outcome === outcome).map(({ name }) => name);
  const part = (word: string, names: string[]) => (names.length > 0 ? [`${word}: ${names.join('; ')}`] : []);
  const decided = [
    ...part(
      'undecided',
      cases.filter(({ outcome }) => outcome === 'unknown').map(({ name, actual }) => `${name} (${actual})`),
    ),
    ...part('holds', named('held')),
    ...part('fails', named('failed')),
  ].join('. ');
  return because ? `${decided}. ${because}` : decided;
};
