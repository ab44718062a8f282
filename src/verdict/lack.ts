// What a run could not show because the machine lacks a program: none of its cases is applicable there.
import type { Timeline } from '../timeline/schema.ts';
import type { CaseResult } from './schema.ts';

/** What becomes of every case of such a run; undefined where its script was played, or a witness was blind. */
export const lackIn = ({ events, gaps }: Timeline): Omit<CaseResult, 'name' | 'role' | 'why'> | undefined => {
  const lack = events.find((event) => event.kind === 'stage' && event.edge === 'lacks');
  if (lack?.kind !== 'stage' || gaps.length > 0) return undefined;
  const { text, id } = lack;
  return { outcome: 'not-applicable', expected: 'a machine that has what it needs', actual: text, evidence: [id] };
};
