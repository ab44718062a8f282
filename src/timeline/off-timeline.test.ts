import { expect, test } from 'vitest';
import { buildTimeline } from './build.ts';
import { startRecording } from './fixtures/recording.ts';

const own = (port: number) => ({ address: '192.0.2.2', port });
const loopback = (record: (recording: ReturnType<typeof startRecording>) => void) => {
  const recording = startRecording();
  record(recording);
  return buildTimeline(recording.end()).offTimeline?.loopback;
};

test('a connection of a host with itself counts once, whether a sample shows it, a report of its end, or both', () => {
  const ends = [
    { local: own(40001), peer: own(80) },
    { local: own(80), peer: own(40001) },
  ];
  const show = (recording: ReturnType<typeof startRecording>) =>
    recording.sample({ client: [], server: ends.map((row) => ({ state: 'ESTAB', ...row })) });
  const report = (recording: ReturnType<typeof startRecording>) => {
    for (const row of ends) recording.destroy('server', row);
  };
  expect(loopback(show)).toEqual([{ host: 'server', connections: 1 }]);
  expect(loopback(report)).toEqual([{ host: 'server', connections: 1 }]);
  expect(
    loopback((recording) => {
      show(recording);
      report(recording);
    }),
  ).toEqual([{ host: 'server', connections: 1 }]);
});

test('a listener and a connection over the wire are none', () => {
  expect(
    loopback((recording) => {
      recording.sample({ client: [], server: [{ state: 'LISTEN' }] });
      recording.destroy('client', {});
    }),
  ).toBeUndefined();
});

test('an attempt that was refused is none, whether a sample caught it in SYN-SENT or not', () => {
  const attempt = { local: own(40001), peer: own(80) };
  expect(
    loopback((recording) => {
      recording.sample({ client: [], server: [{ state: 'SYN-SENT', ...attempt }] });
      recording.destroy('server', attempt);
    }),
  ).toBeUndefined();
  expect(loopback((recording) => recording.destroy('server', attempt))).toBeUndefined();
  expect(
    loopback((recording) => recording.sample({ client: [], server: [{ state: 'TIME-WAIT', ...attempt }] })),
  ).toEqual([{ host: 'server', connections: 1 }]);
});
