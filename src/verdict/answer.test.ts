import { expect, test } from 'vitest';
import { answerOf } from './answer.ts';
import { decidingFirst } from './order.ts';
import type { CaseResult } from './schema.ts';
import { verdictOf } from './verdict.ts';

type Told = [role: CaseResult['role'], outcome: CaseResult['outcome'], name: string, actual?: string];

const answer = (...told: Told[]): string => {
  const cases = told.map(([role, outcome, name, actual = 'something']) => ({
    name,
    role,
    outcome,
    expected: 'this',
    actual,
    evidence: ['e1'],
  }));
  return answerOf(verdictOf(cases), decidingFirst(cases));
};

test('reproduced: true, with the limits that held and those that failed', () => {
  expect(answer(['claim', 'held', 'when nothing is unread'], ['claim', 'held', 'with SHUT_WR'])).toBe('True.');
  expect(answer(['limit', 'held', 'with TCP_QUICKACK'], ['claim', 'held', 'by default'])).toBe(
    'True, also with TCP_QUICKACK.',
  );
  expect(answer(['claim', 'held', 'when all is read'], ['limit', 'failed', 'when data is unread'])).toBe(
    'True, but not when data is unread.',
  );
  expect(
    answer(
      ['claim', 'held', 'by default'],
      ['limit', 'failed', 'when data is unread'],
      ['limit', 'held', 'with SHUT_RDWR'],
      ['limit', 'failed', 'with linger zero'],
      ['contrast', 'held', 'after listen() it connects'],
      ['control', 'held', 'the witness sees it'],
    ),
  ).toBe('True, also with SHUT_RDWR, but not when data is unread or with linger zero.');
});

test('conditional: the claims that held and those that failed, and where limits go with them', () => {
  expect(answer(['claim', 'failed', 'when it is full'], ['claim', 'held', 'when the wire drops it'])).toBe(
    'Partly: true when the wire drops it; not when it is full.',
  );
  expect(
    answer(
      ['claim', 'held', 'when a'],
      ['claim', 'failed', 'when b'],
      ['limit', 'held', 'when c'],
      ['limit', 'failed', 'when d'],
      ['contrast', 'held', 'e is true instead'],
    ),
  ).toBe('Partly: true when a, also when c; not when b, nor when d.');
});

test('refuted: what is true instead; without a contrast that held, what was seen', () => {
  expect(
    answer(
      ['claim', 'failed', 'for the key alone', 'accept value: x'],
      ['contrast', 'held', 'it is made of key and GUID'],
      ['contrast', 'failed', 'it is random'],
      ['limit', 'failed', 'for an empty key'],
    ),
  ).toBe('False on this kernel: it is made of key and GUID.');
  expect(answer(['claim', 'failed', 'by default', 'TIME-WAIT: 60 s'], ['contrast', 'failed', 'no'])).toBe(
    'False on this kernel: TIME-WAIT: 60 s.',
  );
  expect(answer(['claim', 'failed', 'by default', 'TIME-WAIT: 60 s'], ['limit', 'held', 'with another kernel'])).toBe(
    'False on this kernel, except with another kernel: TIME-WAIT: 60 s.',
  );
});

test('a reason that ends in a full stop, or is cut, needs no second', () => {
  expect(answer(['claim', 'unknown', 'by default', 'y'.repeat(500)])).toMatch(/y…$/);
  expect(answer(['claim', 'failed', 'by default', 'the flags are R.'])).toBe('False on this kernel: the flags are R.');
});

test('not decided: the control or claim that is open comes first, with its reason', () => {
  expect(answer(['claim', 'held', 'by default'], ['control', 'failed', 'ss sees a timer', 'timer: none'])).toBe(
    'Not decided: the control that ss sees a timer failed: timer: none.',
  );
  expect(answer(['claim', 'unknown', 'by default'], ['control', 'unknown', 'ss sees it', 'no ss'])).toBe(
    'Not decided: the control that ss sees it is unknown: no ss.',
  );
  expect(
    answer(
      ['claim', 'held', 'by default'],
      ['claim', 'failed', 'with SHUT_WR'],
      ['claim', 'unknown', 'with SHUT_RD', 'no event shows it'],
    ),
  ).toBe('Not decided: unknown with SHUT_RD: no event shows it.');
  expect(answer()).toBe('Not decided: no case claims it.');
  expect(answer(['limit', 'held', 'with SHUT_RD'])).toBe('Not decided: no case claims it.');
});

test('an unknown limit or contrast changes no verdict, and is said', () => {
  expect(
    answer(
      ['claim', 'held', 'by default'],
      ['limit', 'unknown', 'with SHUT_RD'],
      ['limit', 'failed', 'with SHUT_WR'],
      ['contrast', 'unknown', 'the kernel counts it'],
    ),
  ).toBe('True, but not with SHUT_WR; unknown with SHUT_RD; unknown whether the kernel counts it.');
  expect(answer(['claim', 'failed', 'by default', 'no'], ['limit', 'unknown', 'with SHUT_RD'])).toBe(
    'False on this kernel: no; unknown with SHUT_RD.',
  );
});

test('a name that is no condition by itself follows `when`', () => {
  expect(answer(['claim', 'held', 'by default'], ['limit', 'failed', 'the server is frozen'])).toBe(
    'True, but not when the server is frozen.',
  );
});

test('a long list is abbreviated, equal names are said once, and a long reason takes one line', () => {
  const failed = (name: string): Told => ['limit', 'failed', name];
  expect(answer(['claim', 'held', 'x'], failed('with a'), failed('with b'), failed('with c'))).toBe(
    'True, but not with a, with b or with c.',
  );
  expect(answer(['claim', 'held', 'x'], failed('with a'), failed('with b'), failed('with c'), failed('with d'))).toBe(
    'True, but not with a, with b or in 2 more cases.',
  );
  expect(answer(['claim', 'held', 'x'], failed('with a'), failed('with a'))).toBe('True, but not with a.');
  expect(answer(['claim', 'unknown', 'x', 'y'.repeat(500)]).length).toBeLessThan(200);
});
