import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../timeline/schema.ts';
import type { Moment } from '../words/moments.ts';
import { newSpeakers } from './speakers.ts';

const call = (id: string, process: string, part: Moment['part'] = 'whole'): Moment => ({
  at: 0,
  part,
  event: { kind: 'call', id, host: 'server', process, via: 'strace', api: 'read' } as TimelineEvent,
});

test('a process is named where another one was shown before it, and what is over was named when it began', () => {
  const shown = [call('e1', 'server'), call('e2', 'server[7]'), call('e1', 'server', 'done'), call('e3', 'server[7]')];
  expect([...newSpeakers(shown)]).toEqual([['e2', 'server[7]']]);
});
