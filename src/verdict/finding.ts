// A finding: a statement and the cases that could prove it wrong.
import type { Check } from './checks.ts';
import type { View } from './view.ts';

/** Judges one case by the record. It gives a check, or throws, which leaves the case unknown. */
export type Predicate = (run: View) => Check;

export type Finding = {
  /** The article's statement, in our words. */
  statement: string;
  /** A case holds when what the statement says of it is what the record shows. */
  cases: Record<string, Predicate>;
  /** Where the answer depends on the kernel or a setting: which, and the source (RFC section, kernel commit, man page). */
  because?: string;
};

/** A statement and its cases. */
export const finding = (statement: string, cases: Record<string, Predicate>, because?: string): Finding => ({
  statement,
  cases,
  because,
});
