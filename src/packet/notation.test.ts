import { expect, test } from 'vitest';
import { notation } from './notation.ts';

test.each([
  [{ flags: 'S', seq: 0, ack: 0, length: 0 }, 'S 0:0(0)'],
  [{ flags: 'S.', seq: 0, ack: 1, length: 0 }, 'S. 0:0(0) ack 1'],
  [{ flags: '.', seq: 1, ack: 1, length: 0 }, '. 1:1(0) ack 1'],
  [{ flags: 'P.', seq: 1, ack: 1, length: 5 }, 'P. 1:6(5) ack 1'],
  [{ flags: 'F.', seq: 1, ack: 1, length: 0 }, 'F. 1:1(0) ack 1'],
  [{ flags: 'R', seq: 6, ack: 0, length: 0 }, 'R 6:6(0)'],
  [{ flags: '', seq: 1, ack: 0, length: 0 }, '- 1:1(0)'],
])('%j is written %s', (segment, text) => {
  expect(notation(segment)).toBe(text);
});
