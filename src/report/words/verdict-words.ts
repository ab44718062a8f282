// How verdicts and outcomes are written, and in which order verdicts are counted.
import type { Outcome, Verdict } from '../../verdict/schema.ts';

export const toldInOrder: readonly Verdict[] = [
  'reproduced',
  'conditional',
  'refuted',
  'inconclusive',
  'not-applicable',
];

/** `not applicable` */
export const verdictWords = (one: Verdict | Outcome): string => one.replace('-', ' ');
