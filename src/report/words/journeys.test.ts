import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { startRecording } from '../../timeline/fixtures/recording.ts';
import { journeysOf } from './journeys.ts';

test('only what the wire was told to keep is delayed, however long the rest took', () => {
  const recording = startRecording();
  recording.operation('delay', { milliseconds: 5 });
  recording.send('client', { flags: 'S' }, 'deliver', 15);
  const timeline = buildTimeline(recording.end());
  expect([...journeysOf(timeline).values()].filter(({ kind }) => kind === 'delayed')).toEqual([]);
  const kept = timeline.events.map((event) => (event.kind === 'segment' ? { ...event, keptByScript: 5e6 } : event));
  expect([...journeysOf({ ...timeline, events: kept }).values()]).toMatchObject([{ kind: 'delayed' }]);
});
