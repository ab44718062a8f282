import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from './view.ts';

test('a socket between the same endpoints is that of the connection that was made anew', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.send('client', { flags: 'R.', seq: 1, ack: 1 });
  recording.sample(both());
  const absolute = (from: 'client' | 'server', flags: string, seq: number, ack = 0) =>
    recording.send(from, { flags, seq, ack, absolute: true });
  absolute('client', 'S', 7_000_000);
  absolute('server', 'S.', 9_000_000, 7_000_001);
  absolute('client', '.', 7_000_001, 9_000_001);
  recording.sample(both('ESTAB', 'ESTAB'));
  const run = viewOf(buildTimeline(recording.end()));
  expect(run.connections).toHaveLength(2);
  for (const host of ['client', 'server'] as const) {
    expect(run.connection(0).state(host).state).toBe('CLOSED');
    expect(run.connection(1).state(host).state).toBe('ESTABLISHED');
    expect(() => run.connection(0).row(host)).toThrow('shows no socket of connection #0');
    expect(run.connection(1).row(host).row.state).toBe('ESTABLISHED');
  }
});
