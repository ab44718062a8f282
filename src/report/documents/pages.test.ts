import { expect, test } from 'vitest';
import type { CaseResult, FindingResult } from '../../verdict/schema.ts';
import { conclude } from '../../verdict/verdict.ts';
import { buildResult, buildTimeline } from '../fixtures/build.ts';
import { makePages } from './pages.ts';

type Told = [role: CaseResult['role'], outcome: CaseResult['outcome'], name: string, why?: string];

const run = (experiment: string, ...told: Told[]) => {
  const cases = told.map(([role, outcome, name, why]) => ({
    name,
    role,
    ...(why && { why }),
    outcome,
    expected: 'this',
    actual: 'that',
    evidence: ['e1'],
  }));
  const finding: FindingResult = { id: 'D10', statement: 'The remedy is to shorten it', ...conclude(cases) };
  return { result: { ...buildResult({ findings: [finding] }), experiment }, timeline: buildTimeline().done() };
};
const pagesOf = (...runs: ReturnType<typeof run>[]) => {
  const pages = makePages(runs);
  return { all: pages['findings.md'] ?? '', article: pages['articles/establish-and-release.md'] ?? '' };
};

test('a statement that several experiments decide is decided by the cases of all, in their roles', () => {
  const { all, article } = pagesOf(
    run('time-wait-length', ['claim', 'failed', 'with a'], ['contrast', 'held', 'b does without it']),
    run('time-wait-remedies', ['claim', 'held', 'with c'], ['limit', 'failed', 'with d']),
  );
  const answer = 'Partly: true with c; not with a, nor with d.';
  expect(all).toContain('1 statements of five articles: 1 conditional.');
  expect(all).toContain(`| ◐ conditional | ${answer} | \`time-wait-length\`, \`time-wait-remedies\` |`);
  expect(article).toContain(`**◐ conditional.** **${answer}**`);
});

test('a control that failed in one of them leaves the statement open', () => {
  const { all } = pagesOf(
    run('time-wait-length', ['claim', 'held', 'with a']),
    run('time-wait-remedies', ['claim', 'held', 'with c'], ['control', 'failed', 'ss sees it']),
  );
  expect(all).toContain('| ? inconclusive | Not decided: the control that ss sees it failed: that. |');
});

test('each case stands in its role, with the reason, those that decided first', () => {
  const { article } = pagesOf(
    run('x', ['limit', 'failed', 'with a|b', 'the article | has none'], ['claim', 'held', 'with c']),
  );
  expect(article).toContain(
    '| with c | claim | held | this | that |\n| with a\\|b | limit: the article \\| has none | failed | this | that |',
  );
});
