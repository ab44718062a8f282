import { expect, test } from 'vitest';
import { closeTimeline } from '../fixtures/close.ts';
import { contradictions } from './contradictions.ts';

const contradicting = () => {
  const timeline = closeTimeline();
  const lost = timeline.events.find((event) => event.kind === 'segment' && event.fate === 'dropped');
  const syn = timeline.events.find((event) => event.kind === 'segment' && event.flags === 'S');
  if (syn) syn.cause = { kind: 'segment', event: lost?.id ?? '' };
  return { timeline, syn };
};

test('conclusions that cannot be are a sentence that names the first of them', () => {
  const { timeline, syn } = contradicting();
  const sentence = contradictions(timeline);
  expect(sentence).toMatch(/^This is a fault of finwait: .*\.$/);
  expect(sentence).toContain(`"${syn?.id} (`);
});

test('where a witness was blind the evidence may be at fault', () => {
  const { timeline } = contradicting();
  expect(contradictions({ ...timeline, gaps: [{ witness: 'wire', reason: 'it is damaged' }] })).toBeUndefined();
});
