// A finding: a statement and the cases that could prove it wrong, each in its role.
import type { Check } from './check.ts';
import type { Role } from './schema.ts';
import type { View } from './view/view.ts';

/** Judges one case by the record. It gives a check, or several that must all hold, or throws, which leaves it unknown. */
export type Predicate = (run: View) => Checks;

/** A check, or several that must all hold. */
export type Checks = Check | readonly Checks[];

export type Case = {
  role: Role;
  predicate: Predicate;
  /** Why it has this role, where that is not obvious. */
  why?: string;
};

export type Finding = {
  /** The article's statement, in our words. */
  statement: string;
  /**
   * By name. A claim or a limit is named by a condition (`when the process is frozen`, `with SHUT_WR`), a contrast or a
   * control by a sentence.
   */
  cases: Record<string, Case>;
  /** Where the answer depends on the kernel or a setting: which, and the source (RFC section, kernel commit, man page). */
  because?: string;
};

/** A statement and its cases. A bare predicate is a claim. */
export const finding = (statement: string, cases: Record<string, Predicate | Case>, because?: string): Finding => ({
  statement,
  cases: Object.fromEntries(
    Object.entries(cases ?? {}).map(([name, one]) => [name, typeof one === 'function' ? claim(one) : one]),
  ),
  because,
});

/**
 * The same where each case bears the name of a stage: its predicate sees that stage alone, as with `run.during(name)`.
 * Without such a stage in the record the case is unknown.
 */
export const staged: typeof finding = (statement, cases, because) => {
  const { cases: named, ...rest } = finding(statement, cases, because);
  const inStage = ([stage, one]: [string, Case]): [string, Case] => [
    stage,
    { ...one, predicate: (run) => one.predicate(run.during(stage)) },
  ];
  return { ...rest, cases: Object.fromEntries(Object.entries(named).map(inStage)) };
};

const inRole =
  (role: Role) =>
  (predicate: Predicate, why?: string): Case => ({ role, predicate, why });

/**
 * The statement under conditions that its own words cover or plainly assume: claims alone decide the verdict. It holds
 * when what the statement says of the case is what the record shows. Written out only to say why: a bare predicate is a
 * claim.
 */
export const claim = inRole('claim');

/**
 * Beyond those conditions, where the statement may stop being true. It holds as a claim does, and never changes the
 * verdict: it is told beside it.
 */
export const limit = inRole('limit');

/**
 * What is true instead, or what happens with the supposed cause taken away. It holds when what its own name says is
 * what the record shows; it explains, and never counts.
 */
export const contrast = inRole('contrast');

/** Tests the experiment itself: unless what its own name says is what the record shows, the finding is inconclusive. */
export const control = inRole('control');
