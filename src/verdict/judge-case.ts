// What becomes of one case: what its predicate says, unless what it asked was not observed, a witness was blind or the
// lab interfered while it looked, or what it names as evidence is none.

import type { Gap } from '../record/gap.ts';
import { messageOf } from '../record/thrown.ts';
import type { Timeline } from '../timeline/schema.ts';
import { all, type Check, unknown } from './check.ts';
import { evidenceIn } from './evidence-ids.ts';
import type { Checks, Predicate } from './finding.ts';
import { withoutInfluence } from './influence/influence.ts';
import { checkOutcome } from './schema.ts';
import { Unobserved } from './view/observation.ts';
import { type Look, wholeRun } from './view/part.ts';
import { viewIn } from './view/view.ts';

/** The check, and what the predicate looked at to come to it. Never throws. */
export const judgeCase = (predicate: Predicate, timeline: Timeline): { check: Check; looked: Look[] } => {
  const part = wholeRun(timeline);
  const check = decide(() => asOne(predicate(viewIn(part))), timeline);
  const gap = part.gaps()[0];
  const isBlind = gap && check.outcome !== 'unknown';
  return {
    check: isBlind ? leftOpen(check, `${whatItIs(gap)}: ${gap.reason} (${check.actual})`) : check,
    looked: part.looked(),
  };
};

/** Several checks must all hold. */
const asOne = (checks: Checks): Check => {
  if (isOne(checks)) return checks;
  return checks.length > 0 ? all(...checks.map(asOne)) : unknown('the case gives no check');
};

const isOne = (checks: Checks): checks is Check => !Array.isArray(checks);

const whatItIs = ({ code }: Gap) => (code === 'machine-too-slow' ? 'the lab interfered' : 'a witness is missing');

const decide = (predicate: () => Check, timeline: Timeline): Check => {
  let check: Check;
  try {
    check = predicate();
  } catch (error) {
    const message = messageOf(error);
    return leftOpen(
      nothing,
      error instanceof Unobserved ? message : `the predicate could not be decided: ${message ?? error}`,
    );
  }
  const { success } = checkOutcome.safeParse(check);
  if (!success)
    return leftOpen(nothing, 'the case gives no check: return what equal(), holds(), all() and the like give');
  const { known, strange } = evidenceIn(check.evidence, timeline);
  if (strange.length > 0) return leftOpen({ ...check, evidence: known }, `${words(strange)} (${check.actual})`);
  if (check.outcome !== 'unknown' && known.length === 0) return leftOpen(check, `no event shows it (${check.actual})`);
  return withoutInfluence(check, timeline);
};

const nothing: Check = { outcome: 'unknown', expected: 'evidence', actual: '', evidence: [] };

const leftOpen = ({ expected, evidence }: Check, actual: string): Check => ({
  outcome: 'unknown',
  expected,
  actual,
  evidence,
});

const words = (strange: unknown[]) =>
  `${strange.map((one) => (typeof one === 'string' ? one : 'something without an id')).join(', ')} is no evidence: pass events, rows or samples of this run, which bear an id such as e12 or s4`;
