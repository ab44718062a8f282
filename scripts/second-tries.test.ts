import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type FirstResult, firstResults, keepFirstResult, tellOf } from './second-tries.ts';

const folder = mkdtempSync(join(tmpdir(), 'finwait-second-tries-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'first.ndjson');
const first = (experiment: string): FirstResult => ({
  experiment,
  place: 'namespaces',
  verdicts: { A2: 'reproduced', A4: 'inconclusive' },
  reasons: ['lockstep was slower than the timer'],
});

test('first results are kept, two are allowed a second try, and a third is not', () => {
  expect(firstResults(file)).toEqual([]);
  expect(keepFirstResult(first('one'), file)).toBe(true);
  expect(keepFirstResult(first('two'), file)).toBe(true);
  expect(tellOf(firstResults(file)).failed).toBe(0);
  expect(keepFirstResult(first('three'), file)).toBe(false);
  expect(firstResults(file)).toEqual([first('one'), first('two'), first('three')]);
});

test('they are told, and one too many is a failure', () => {
  const { lines, failed } = tellOf(firstResults(file));
  expect(lines[0]).toBe(
    'inconclusive at first, and tried again: one (namespaces; A2 reproduced, A4 inconclusive): lockstep was slower than the timer',
  );
  expect(lines).toHaveLength(3);
  expect(failed).toBe(1);
});
