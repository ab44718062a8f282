import { expect, test } from 'vitest';
import { experimentLines, sourceLines } from './file-lengths.ts';

const text = (lines: number) => 'a line\n'.repeat(lines);

test('the number, the median and the longest are told', () => {
  expect(experimentLines({ a: text(40), b: text(50), c: text(90) })).toEqual({
    ok: true,
    line: '3 experiments: median 50 lines (at most 55), longest 90 (at most 90)',
  });
  expect(experimentLines({ a: text(50), b: text(61) }).line).toContain('median 55.5 lines');
});

test('one that is too long is named', () => {
  const { ok, line } = experimentLines({ short: text(10), 'close/long.ts': text(91), other: text(20) });
  expect(ok).toBe(false);
  expect(line).toContain('; close/long.ts has 91');
});

test('a median that is too long is not as it should be', () => {
  expect(experimentLines({ a: text(10), b: text(56), c: text(60) }).ok).toBe(false);
  expect(experimentLines({}).ok).toBe(false);
});

test('a source that is too long is named', () => {
  expect(sourceLines({ a: text(200) })).toEqual({ ok: true, line: '1 sources: none over 200 lines' });
  expect(sourceLines({ a: text(10), 'src/long.ts': text(201) })).toMatchObject({ ok: false });
  expect(sourceLines({ 'src/long.ts': text(201) }).line).toContain('; but src/long.ts has 201');
  expect(sourceLines({}).ok).toBe(false);
});
