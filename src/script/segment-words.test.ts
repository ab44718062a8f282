import { expect, test } from 'vitest';
import type { SegmentPredicate } from '../experiment/vocabulary.ts';
import { carries, sent } from '../verdict/checks/segments.ts';
import { oneSegmentWords, segmentWords } from './segment-words.ts';

const source = { file: '/home/me/mine.ts', line: 12 };
const isSyn: SegmentPredicate = ({ flags }) => flags === 'S';
const nameless = [({ length }: { length: number }) => length > 0][0] as SegmentPredicate;

test('a condition with words is called by them, with the host it is limited to', () => {
  expect(segmentWords(carries('FIN'), { from: 'client', source })).toBe('FIN from client');
  expect(segmentWords(sent('client', 'FIN'), { from: 'client', source })).toBe('FIN from client');
  expect(segmentWords(carries('data', 'SYN'), {})).toBe('data or SYN');
});

test('a condition of the script’s own is called by its line, never by its source', () => {
  expect(segmentWords(nameless, { source })).toBe('segments that fit the condition at /home/me/mine.ts:12');
  expect(segmentWords(isSyn, { from: 'server', source })).toBe(
    'segments from server that fit the condition isSyn at /home/me/mine.ts:12',
  );
});

test('one of them', () => {
  expect(oneSegmentWords(carries('FIN'))).toBe('a segment with FIN');
  expect(oneSegmentWords(sent('client'))).toBe('a segment from client');
  expect(oneSegmentWords(nameless, source)).toBe('a segment that fits the condition at /home/me/mine.ts:12');
});
