import { expect, test } from 'vitest';
import type { Frame } from './frames.ts';
import { createRules } from './rules.ts';
import type { WireSegment } from './segment.ts';

const frame = (number: number): Frame => ({
  number,
  from: 'client',
  to: 'server',
  bytes: Buffer.alloc(0),
  segment: { frame: number } as WireSegment,
});

test('a condition that counts is asked once about each segment, however often its fate is looked up', () => {
  const rules = createRules(() => 1);
  let asked = 0;
  const second = rules.addRule({}, 'drop', {}, { fate: 'drop', left: 1, matches: () => ++asked === 2 });
  const frames = [frame(1), frame(2), frame(3)];
  const fates = frames.map((one) => [rules.ruleFor(one), rules.ruleFor(one)]);
  expect(fates).toEqual([
    [undefined, undefined],
    [second, second],
    [undefined, undefined],
  ]);
  expect(asked).toBe(3);
});

test('a rule that has done all it was to do applies no more, and a new one does', () => {
  const rules = createRules(() => 1);
  const drop = rules.addRule({}, 'drop', {}, { fate: 'drop', left: 1, matches: () => true });
  const one = frame(1);
  expect(rules.ruleFor(one)).toBe(drop);
  drop.left = 0;
  expect(rules.ruleFor(one)).toBeUndefined();
  const hold = rules.addRule({}, 'hold', {}, { fate: 'hold', left: 1, matches: () => true });
  expect(rules.ruleFor(one)).toBe(hold);
});
