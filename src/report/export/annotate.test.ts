import { expect, test } from 'vitest';
import type { SegmentEvent, StateEvent } from '../../timeline/schema.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import { stateAfter } from './annotate.ts';

const { events } = simultaneousTimeline();
const fin = events.find((one): one is SegmentEvent => one.kind === 'segment' && one.from === 'client');
const changes = events.filter((one): one is StateEvent => one.kind === 'state' && one.host === 'client');
const after = (altered: StateEvent[], ends: [string, number][] = []) =>
  stateAfter(fin as SegmentEvent, altered, new Map(ends));

test('a state stands with a segment where the samples know it', () => {
  expect(after(changes)).toBe('FIN-WAIT-1');
  expect(after([])).toBeUndefined();
});

test('within the span of a change nobody knows, and neither since the sample before several', () => {
  const [first, ...rest] = changes as [StateEvent, ...StateEvent[]];
  expect(after([{ ...first, between: [first.at, 900e6] }])).toBeUndefined();
  const several: StateEvent = { ...first, between: [800e6, 800e6], unseen: true, before: 's7' };
  expect(after([several, ...rest], [['s7', 10e6]])).toBeUndefined();
  expect(after([several, ...rest], [['s7', 500e6]])).toBe('ESTABLISHED');
});
