import { expect, test } from 'vitest';
import { siteIn } from './call-site.ts';

const source = import.meta.dirname;

test('the first line outside finwait and Node is the script’s', () => {
  const stack = `Error: no
    at takeStep (file://${source}/session.ts:148:11)
    at node:internal/streams/readable:568:12
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)
    at async Object.run (file:///home/me/my experiments/half close.ts:12:7)
    at async play (file://${source}/run-experiment.ts:130:3)`;
  expect(siteIn(stack)).toEqual({ file: '/home/me/my experiments/half close.ts', line: 12 });
});

test.each([
  ['    at file:///home/me/one.ts:3:1', '/home/me/one.ts', 3],
  ['    at async file:///home/me/two.ts:4:1', '/home/me/two.ts', 4],
  ['    at Array.map (/home/me/three.ts:5:1)', '/home/me/three.ts', 5],
])('%s', (line, file, number) => {
  expect(siteIn(`Error\n${line}`)).toEqual({ file, line: number });
});

test('there may be none', () => {
  expect(siteIn(undefined)).toBeUndefined();
  expect(
    siteIn('Error\n    at node:internal/timers:10:2\n    at x (file:///a/node_modules/b/c.js:1:1)'),
  ).toBeUndefined();
});
