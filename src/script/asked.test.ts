import { expect, test } from 'vitest';
import type { SegmentPredicate } from '../experiment/vocabulary.ts';
import type { WireSegment } from '../wire/segment.ts';
import { asked } from './asked.ts';

const segment = { text: 'S 0:0(0)', from: 'client' } as WireSegment;
const source = { file: '/home/me/mine.ts', line: 7 };
const ask = (predicate: unknown) => asked(predicate as SegmentPredicate, source)(segment);

test('true and false are answers', () => {
  expect([ask(() => true), ask(() => false)]).toEqual([true, false]);
});

test.each([
  ['nothing, for a body in braces without return', () => {}, 'gave nothing for S 0:0(0) from client'],
  ['a promise, which would count as true', async () => false, 'gave Promise'],
  ['a match', () => 'S'.match(/S/), 'gave [ '],
])('anything else is refused: %s', (_what, predicate, sentence) => {
  expect(() => ask(predicate)).toThrow(sentence);
  expect(() => ask(predicate)).toThrow(expect.objectContaining({ code: 'ESCRIPT', source }));
});

test('one that throws is told with the segment', () => {
  const failing = () => {
    throw new TypeError('tcp is undefined');
  };
  expect(() => ask(failing)).toThrow('The condition on segments failed at S 0:0(0) from client: tcp is undefined.');
});
