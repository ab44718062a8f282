// What was not observed is neither held for a statement nor against it; what was is judged by what ss saw last.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../src/verdict/schema.ts';
import { finwait, fixture, readResult, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
const scripts = ['unseen-between', 'rows-as-evidence', 'state-after-last-call'] as const;
let exitCode: number | undefined;
const found = (name: (typeof scripts)[number]): Result => readResult(runFolder(results, name));

beforeAll(async () => {
  ({ exitCode } = await finwait(['run', ...scripts.map(fixture), '--json', '--results', results]));
}, 120_000);

describe('in free run', () => {
  test('which states were passed through is unknown, with what was not looked at', () => {
    const { findings } = found('unseen-between');
    expect(findings.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
    const cases = findings.flatMap((finding) => finding.cases);
    expect(cases.map(({ outcome }) => outcome)).toEqual(Array(4).fill('unknown'));
    for (const { actual } of cases) expect(actual).toMatch(/^(ss did not look at|the (client|server) (went|was))/);
    expect(exitCode).toBe(2);
  });
});

test('a row of ss is evidence by the id of its sample', () => {
  const [finding] = found('rows-as-evidence').findings;
  expect(finding?.verdict).toBe('reproduced');
  const ids = readTimeline(runFolder(results, 'rows-as-evidence')).samples.map(({ id }) => id);
  for (const id of finding?.cases[0]?.evidence ?? ['none']) expect(ids).toContain(id);
});

test('the state at the end is that after the last call has returned', () => {
  const [finding] = found('state-after-last-call').findings;
  expect(finding?.cases.map(({ outcome, actual }) => [outcome, actual])).toEqual([
    ['held', 'connect(): ETIMEDOUT'],
    ['held', 'the client: CLOSED'],
  ]);
});
