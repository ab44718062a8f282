import { expect, test } from 'vitest';
import { ofTwo } from '../../record/fixtures/of-two.ts';
import { buildTimeline } from '../build.ts';
import { both, shakeHands, startRecording } from '../fixtures/recording.ts';
import type { CounterEvent } from '../schema.ts';
import { readCounters } from './counters.ts';

const line = (sample: number, at: number, values: Record<string, number>, more = {}) =>
  `${JSON.stringify({ sample, begin: at, end: at + 5, values, ...more })}\n`;
const whole = { whole: true };
const server = line(1, 11, { 'TcpExt.ListenDrops': 0 }, whole);

test('a rise lies between the reading before and the one that shows it', () => {
  const client =
    line(1, 10, { 'TcpExt.ListenDrops': 3, 'TcpExt.TCPTimeouts': 0 }, whole) +
    line(2, 20, {}) +
    line(3, 30, { 'TcpExt.ListenDrops': 5 }) +
    line(4, 40, { 'TcpExt.ListenDrops': 6, 'TcpExt.TCPTimeouts': 1 });
  expect(readCounters(ofTwo({ client, server }))).toMatchObject({
    rises: [
      { host: 'client', name: 'TcpExt.ListenDrops', by: 2, value: 5, from: 20, to: 35 },
      { host: 'client', name: 'TcpExt.ListenDrops', by: 1, value: 6, from: 30, to: 45 },
      { host: 'client', name: 'TcpExt.TCPTimeouts', by: 1, value: 1, from: 30, to: 45 },
    ],
    gaps: [],
  });
});

test.each([
  ['nothing', '', 'there is no reading of the host'],
  [
    'a reading that is missing',
    line(1, 10, {}, whole) + line(3, 30, {}),
    'readings are missing before line 2 of counters-client.ndjson',
  ],
  [
    'a line that is damaged',
    `${line(1, 10, {}, whole)}{"sample":2\n`,
    'line 2 of counters-client.ndjson cannot be read',
  ],
  ['a file cut short', `${line(1, 10, {}, whole)}{"sample":2`, 'counters-client.ndjson is cut short'],
  [
    'a reading that failed',
    `${line(1, 10, {}, whole)}{"sample":2,"begin":20,"end":21,"error":"EACCES"}\n`,
    'the counters could not be read: EACCES',
  ],
])('%s is a gap', (_what, client, reason) => {
  expect(readCounters(ofTwo({ client, server })).gaps[0]).toMatchObject({
    witness: 'counters',
    host: 'client',
    reason,
  });
});

test('a rise that says something is an event, with the samples that bound it, in words', () => {
  const recording = startRecording();
  recording.count('server', 'TcpExt.ListenOverflows', 0);
  recording.count('server', 'IpExt.InOctets', 0);
  shakeHands(recording);
  recording.step('overflow');
  recording.count('server', 'TcpExt.ListenOverflows', 2);
  recording.count('server', 'IpExt.InOctets', 200);
  recording.sample(both('ESTAB', 'ESTAB'));
  const timeline = buildTimeline(recording.end());
  const rises = timeline.events.filter((event): event is CounterEvent => event.kind === 'counter');
  expect(rises).toMatchObject([
    {
      host: 'server',
      name: 'TcpExt.ListenOverflows',
      by: 2,
      value: 2,
      telling: true,
      meaning: 'the kernel dropped a SYN, or what was to complete a handshake: accept queue full',
      before: 's12',
      after: 's14',
      step: 3,
    },
  ]);
});

test('a SYN on an open connection is counted as an error too, which says nothing more', () => {
  const recording = startRecording();
  for (const name of ['TcpExt.TCPSYNChallenge', 'Tcp.InErrs']) recording.count('server', name, 0);
  shakeHands(recording);
  recording.step('a SYN');
  for (const name of ['TcpExt.TCPSYNChallenge', 'Tcp.InErrs']) recording.count('server', name, 1);
  recording.sample(both('ESTAB', 'ESTAB'));
  const { events } = buildTimeline(recording.end());
  const rises = events.filter((event): event is CounterEvent => event.kind === 'counter');
  expect(rises.map(({ name, telling }) => [name, telling])).toEqual([
    ['TcpExt.TCPSYNChallenge', true],
    ['Tcp.InErrs', undefined],
  ]);
});
