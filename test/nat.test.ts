// The wire as a middlebox that keeps state.
import { expect, test } from 'vitest';
import type { SegmentEvent, Timeline } from '../src/timeline/schema.ts';
import { finwait, fixture, readTimeline, resultsFolder, runFolder } from './finwait.ts';

test('it forgets a connection that is idle for longer than its keepalive, in silence or with a reset', async () => {
  const results = resultsFolder();
  const { exitCode, stdout } = await finwait(['run', fixture('nat'), '--results', results]);
  expect(exitCode, String(stdout)).toBe(0);
  const timeline = readTimeline(runFolder(results, 'nat'));
  expect(timeline.gaps).toEqual([]);
  expect(stdout).toContain('nat: forgets a connection that is idle for 1.5 s, in silence');
  const [kept, lost, keptToo, reset] = timeline.connections.map(({ number }) => written(timeline, number));
  for (const one of [kept, keptToo]) expect(one).toMatchObject([{ fate: 'delivered' }]);
  expect(lost?.filter(({ fate }) => fate === 'dropped').length).toBeGreaterThan(1); // and again, until it is over
  expect(reset).toMatchObject([{ fate: 'dropped' }]);
  const told = timeline.events.flatMap((event) =>
    event.kind === 'emit' && event.name === 'error' ? [`${event.stage} #${event.connection} ${event.code}`] : [],
  );
  expect(told).toEqual(['reset #3 ECONNRESET']);
});

/** The data of the client on a connection. */
const written = ({ events }: Timeline, connection: number): SegmentEvent[] =>
  events.filter(
    (event): event is SegmentEvent =>
      event.kind === 'segment' &&
      event.connection === connection &&
      event.from === 'client' &&
      event.length > 0 &&
      event.role !== 'keepalive-probe',
  );
