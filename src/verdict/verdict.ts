// From cases to a verdict. It is derived, never written, and from roles: claims decide, a control that fails leaves everything open.
import type { Timeline } from '../timeline/schema.ts';
import { answerOf } from './answer.ts';
import type { Check } from './checks.ts';
import type { Finding, Predicate } from './finding.ts';
import { decidingFirst } from './order.ts';
import type { CaseResult, FindingResult, Verdict } from './schema.ts';
import { viewOf } from './view.ts';

/** Judge every finding by the record. Pure: the same timeline gives the same verdicts. */
export const judge = (findings: Record<string, Finding>, timeline: Timeline): FindingResult[] =>
  Object.entries(findings).map(([id, finding]) => judgeOne(id, finding, timeline));

const judgeOne = (id: string, { statement, cases, because }: Finding, timeline: Timeline): FindingResult => {
  const judged = Object.entries(cases).map(
    ([name, { role, predicate, why }]): CaseResult => ({
      name,
      role,
      ...(why && { why }),
      ...judgeCase(predicate, timeline),
    }),
  );
  return { id, statement, ...conclude(judged), ...(because && { because }) };
};

/** What follows from cases, of one experiment or of several that decide the same statement. */
export const conclude = (cases: readonly CaseResult[]): Pick<FindingResult, 'verdict' | 'answer' | 'cases'> => {
  const verdict = verdictOf(cases);
  const ordered = decidingFirst(cases);
  return { verdict, answer: answerOf(verdict, ordered), cases: ordered };
};

/** A case: what its predicate says, unless a witness was blind while the predicate looked, or the predicate threw. */
const judgeCase = (predicate: Predicate, timeline: Timeline): Check => {
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

/** The verdict that follows from roles and outcomes. Limits and contrasts, known or unknown, have no part in it. */
export const verdictOf = (cases: readonly Pick<CaseResult, 'role' | 'outcome'>[]): Verdict => {
  const outcomesOf = (role: CaseResult['role']) =>
    cases.filter((one) => one.role === role).map(({ outcome }) => outcome);
  if (outcomesOf('control').some((outcome) => outcome !== 'held')) return 'inconclusive';
  const claims = outcomesOf('claim');
  if (claims.length === 0 || claims.includes('unknown')) return 'inconclusive';
  if (!claims.includes('failed')) return 'reproduced';
  return claims.includes('held') ? 'conditional' : 'refuted';
};
