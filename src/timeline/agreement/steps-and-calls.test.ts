import { expect, test } from 'vitest';
import type { ApiRecord } from '../../record/api-records.ts';
import { stepsAndCalls } from './steps-and-calls.ts';

const step = (number: number, what: string): ApiRecord => ({ type: 'step', t: number, step: number, what });
const call = (number: number): ApiRecord => ({
  type: 'call',
  t: number,
  call: `server:${number}`,
  step: number,
  host: 'server',
  process: 'app',
  via: 'raw',
  by: 'script',
  api: 'listen',
  args: [],
});
const started: ApiRecord = { type: 'process', t: 0, host: 'server', process: 'app', edge: 'start' };
const end: ApiRecord = { type: 'end', t: 99 };
const reasons = (...records: ApiRecord[]) => stepsAndCalls(records).map(({ reason }) => reason);

test('a step of a process or a host has its call', () => {
  expect(reasons(started, step(1, 'app: listen()'), call(1), end)).toEqual([]);
  expect(reasons(started, step(1, 'app: listen()'), end)).toEqual([
    'by api.ndjson step 1 is "app: listen()", and the call is not there',
  ]);
  expect(reasons(step(1, 'server: sysctl net.ipv4.tcp_retries2 = 3'), end)).toHaveLength(1);
});

test('a start, what prepares for a script and the lines of a script are no calls', () => {
  expect(
    reasons(
      started,
      step(1, 'server: start app'),
      step(2, 'client: its kernel steps back for the script'),
      step(3, 'close.pkt:9 +0 < S 0:0(0) win 64240'),
      step(4, 'close.pkt:10 +0 > S. 0:0(0) ack 1 <mss 1460>'),
      end,
    ),
  ).toEqual([]);
});

test('a call of a script is one', () => {
  expect(reasons(step(1, 'close.pkt:5 +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3'), end)).toHaveLength(1);
  expect(reasons(step(1, 'close.pkt:7 +0...0.2 accept(3, ..., ...) = 4'), end)).toHaveLength(1);
});

test('a run that breaks off says so itself', () => {
  expect(reasons(started, step(1, 'app: listen()'))).toEqual([]);
  expect(reasons(started, step(1, 'app: listen()'), { ...end, error: 'it failed' })).toEqual([]);
});
