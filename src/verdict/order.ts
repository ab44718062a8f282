// The order in which cases are told: those that decided the verdict come first, those that only explain it last.
import type { CaseResult } from './schema.ts';

/** Cases that decided first; among equals as they were. */
export const decidingFirst = (cases: readonly CaseResult[]): CaseResult[] =>
  cases.toSorted((a, b) => rank(a) - rank(b));

const rank = ({ role, outcome }: CaseResult): number => order.indexOf(`${role} ${outcome}`);

const order: `${CaseResult['role']} ${CaseResult['outcome']}`[] = [
  'control failed',
  'control unknown',
  'claim unknown',
  'claim failed',
  'claim held',
  'limit failed',
  'limit unknown',
  'limit held',
  'contrast held',
  'contrast failed',
  'contrast unknown',
  'control held',
  'claim not-applicable',
  'limit not-applicable',
  'contrast not-applicable',
  'control not-applicable',
];
