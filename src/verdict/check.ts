// What a case comes to: expected, found, and the events that show it; and several of them as one.

/** What a predicate says of a case. `evidence` holds ids of events or samples. */
export type Check = {
  outcome: 'held' | 'failed' | 'unknown';
  expected: string;
  actual: string;
  evidence: string[];
  /** It may say how often or how long: see influence.ts. */
  measures?: boolean;
  /** What all else rests on: where it is unknown, so is a whole of which it is a part. */
  isGround?: boolean;
  /** What it was put together from. */
  parts?: { checks: readonly Check[]; by: (...checks: Check[]) => Check };
};

/** Anything with an id can be evidence: an event, a sample. */
export type Evidence = { id: string };

/** What is not there shows nothing, and is left out. */
export type Shown = readonly (Evidence | undefined)[];

/** The record does not tell. */
export const unknown = (reason: string): Check => ({
  outcome: 'unknown',
  expected: 'evidence',
  actual: reason,
  evidence: [],
});

/**
 * All must hold. One that is unknown leaves the whole unknown, unless another has failed; one that is the ground of the
 * others does always.
 */
export const all = (...checks: Check[]): Check => {
  const missing = checks.find(({ isGround, outcome }) => isGround && outcome === 'unknown');
  return { ...combine(missing ? [missing] : checks, 'failed', 'held', '; '), parts: { checks, by: all } };
};

/** One must hold. */
export const any = (...checks: Check[]): Check => ({
  ...combine(checks, 'held', 'failed', ' or '),
  parts: { checks, by: any },
});

const combine = (checks: Check[], decisive: 'held' | 'failed', otherwise: 'held' | 'failed', joint: string): Check => {
  const outcomes = checks.map(({ outcome }) => outcome);
  const outcome = outcomes.includes(decisive) ? decisive : outcomes.includes('unknown') ? 'unknown' : otherwise;
  // What decided comes first, so that a reader of a long list sees it.
  const telling = checks.filter((check) => check.outcome === outcome);
  const rest = checks.filter((check) => check.outcome !== outcome);
  const shown = outcome === 'failed' && decisive === 'failed' ? telling : [...telling, ...rest];
  return {
    outcome: checks.length === 0 ? 'unknown' : outcome,
    expected: shown.map(({ expected }) => expected).join(joint),
    actual: shown.map(({ actual }) => actual).join(joint),
    evidence: [...new Set(shown.flatMap(({ evidence }) => evidence))],
  };
};

/** It says what, in which order, in which state: not how often nor how long. */
export const plainly = (check: Check): Check => ({ ...check, measures: undefined });

export const thereOf = (found: Shown) => found.filter((one) => one !== undefined && one !== null);

export const unique = (evidence: Shown) => [...new Set(evidence.flatMap((one) => (one ? [one.id] : [])))];

/** NaN as what it stands for: JSON would make `null` of it. */
export const show = (value: unknown) =>
  typeof value === 'string' ? value || 'none' : withoutNaN(JSON.stringify(value, naming));

const naming = (_: string, value: unknown) => (Number.isNaN(value) ? 'NaN' : value);

const withoutNaN = (text: string | undefined) => text?.replaceAll('"NaN"', 'no number') ?? 'nothing';

export const round = (value: number) => Math.round(value * 10) / 10;
