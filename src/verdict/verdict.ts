// From cases to a verdict. It is derived, never written, and from roles: claims decide, a control that fails leaves
// everything open.
import type { Timeline } from '../timeline/schema.ts';
import { answerOf } from './answer.ts';
import type { Finding } from './finding.ts';
import { judgeCase } from './judge-case.ts';
import { lackIn } from './lack.ts';
import { decidingFirst } from './order.ts';
import type { CaseResult, FindingResult, Verdict } from './schema.ts';

/**
 * Judge every finding by the record. Pure: the same timeline gives the same verdicts. `furtherCases`: which other
 * experiments have cases of the same statement.
 */
export const judge = (
  findings: Record<string, Finding>,
  timeline: Timeline,
  furtherCases: Record<string, readonly string[]> = {},
): FindingResult[] =>
  Object.entries(findings).map(([id, finding]) => {
    const judged = judgeOne(id, finding, timeline);
    const others = furtherCases[id];
    return others ? { ...judged, answer: `${judged.answer} Further cases: ${others.join(', ')}.` } : judged;
  });

const judgeOne = (id: string, { statement, cases, because }: Finding, timeline: Timeline): FindingResult => {
  const lack = lackIn(timeline);
  const judged = Object.entries(cases).map(([name, { role, predicate, why }]): CaseResult => {
    const { outcome, expected, actual, evidence } = lack ?? judgeCase(predicate, timeline).check;
    return { name, role, ...(why && { why }), outcome, expected, actual, evidence };
  });
  return { id, statement, ...conclude(judged), ...(because && { because }) };
};

/** What follows from cases, of one experiment or of several that decide the same statement. */
export const conclude = (cases: readonly CaseResult[]): Pick<FindingResult, 'verdict' | 'answer' | 'cases'> => {
  const verdict = verdictOf(cases);
  const ordered = decidingFirst(cases);
  return { verdict, answer: answerOf(verdict, ordered), cases: ordered };
};

/**
 * The verdict that follows from roles and outcomes. Limits and contrasts, known or unknown, have no part in it, nor has
 * what is not applicable on this machine, as long as another claim is.
 */
export const verdictOf = (cases: readonly Pick<CaseResult, 'role' | 'outcome'>[]): Verdict => {
  const applicable = cases.filter(({ outcome }) => outcome !== 'not-applicable');
  if (cases.length > 0 && applicable.length === 0) return 'not-applicable';
  const outcomesOf = (role: CaseResult['role']) =>
    applicable.filter((one) => one.role === role).map(({ outcome }) => outcome);
  if (outcomesOf('control').some((outcome) => outcome !== 'held')) return 'inconclusive';
  const claims = outcomesOf('claim');
  if (claims.length === 0 || claims.includes('unknown')) return 'inconclusive';
  if (!claims.includes('failed')) return 'reproduced';
  return claims.includes('held') ? 'conditional' : 'refuted';
};
