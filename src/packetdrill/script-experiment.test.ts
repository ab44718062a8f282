import { expect, test } from 'vitest';
import { scriptExperiment } from './script-experiment.ts';

const titleOf = (text: string) => scriptExperiment({ file: 'a.pkt', text }).title;

test.each([
  ['// A title. And more.\n0 socket(…) = 3\n', 'A title'],
  ['# SPDX-License-Identifier: GPL-2.0\n# A title\n', 'A title'],
  ['/*\n * A title\n * in two lines.\n */\n0 socket(…) = 3\n', 'A title in two lines'],
  ['/* A title */\n* > S. 0:0(0) ack 1\n', 'A title'],
])('%j: the first sentence of its comment', (text, title) => {
  expect(titleOf(text)).toBe(title);
});

test('a line at any time begins with a star as well, and is no comment', () => {
  expect(titleOf('0 socket(…) = 3\n* > S. 0:0(0) ack 1 <mss 1460>\n')).toBe('a.pkt');
});
