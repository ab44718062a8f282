import { expect, test } from 'vitest';
import type { SegmentEvent, TimelineEvent } from '../../timeline/schema.ts';
import { Unobserved } from './observation.ts';
import { withDecidedCause } from './undecided.ts';

const event = (cause?: TimelineEvent['cause']) => ({ id: 'e7', kind: 'segment', cause }) as SegmentEvent;

test('a cause that nothing tells cannot be read, and so decides no case', () => {
  const unknown = withDecidedCause(event({ kind: 'unknown' }));
  expect(() => unknown.cause).toThrow(Unobserved);
  expect(() => unknown.cause?.kind === 'program').toThrow('what caused e7 is not known');
  expect({ ...unknown }.id).toBe('e7');
  expect(withDecidedCause(event({ kind: 'unknown' })).id).toBe('e7');
});

test('that it was a timer can be known where nothing tells which', () => {
  const { cause } = withDecidedCause(event({ kind: 'timer', timer: 'retransmission' }));
  expect(cause?.kind).toBe('timer');
  expect(() => cause?.kind === 'timer' && cause.timer).toThrow('which timer sent e7 is not known');
});

test('an event whose cause is known, or that has none, is as it is; one that is guarded is the same each time', () => {
  for (const plain of [event(), event({ kind: 'timer', timer: 'on' }), event({ kind: 'call', event: 'e1' })])
    expect(withDecidedCause(plain)).toBe(plain);
  const unknown = event({ kind: 'unknown' });
  expect(withDecidedCause(unknown)).toBe(withDecidedCause(unknown));
});
