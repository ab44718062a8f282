import { expect, test } from 'vitest';
import { closeResult } from '../fixtures/close.ts';
import { contradicted, renderAgreement } from './agreement.ts';

const otherwise = (verdict: 'refuted' | 'inconclusive') => {
  const result = closeResult();
  result.findings[0]!.verdict = verdict;
  return result;
};

test('runs that agree, and one that was left open', () => {
  const results = [closeResult(), closeResult(), otherwise('inconclusive')];
  expect(contradicted(results)).toEqual([]);
  expect(renderAgreement(results)).toContain('3 runs, 12 verdicts: no finding got two different verdicts');
});

test('one that was decided otherwise is named', () => {
  const results = [closeResult(), otherwise('refuted')];
  expect(contradicted(results)).toEqual([`B1 of ${closeResult().experiment}`]);
  expect(renderAgreement(results)).toContain(`two different verdicts: B1 of ${closeResult().experiment}; `);
});
