import { expect, test } from 'vitest';
import type { ApiRecord } from '../../record/api-records.ts';
import { reportGaps } from './own-reports.ts';

const who = { host: 'client', process: 'user' } as const;

/** Calls with what they returned, as a process or as strace tells them. */
const told = (via: 'raw' | 'node' | 'strace', ...calls: [api: string, fd: number, value: unknown, errno?: string][]) =>
  calls.flatMap(([api, fd, value, errno], index): ApiRecord[] => {
    const call = `${via}:${index}`;
    const by = via === 'strace' ? 'program' : via === 'node' ? 'node' : 'script';
    return [
      { type: 'call', t: index, call, ...who, via, by, api, args: [fd], ...(via !== 'raw' && { target: `fd ${fd}` }) },
      { type: 'return', t: index, call, ...(errno ? { errno } : { value }) },
    ];
  });
const reasons = (reported: ApiRecord[], traced: ApiRecord[]) =>
  reportGaps(who, reported, traced).map(({ reason }) => reason);

test('the same calls in two records are no gap, in whatever order, and whatever else strace saw', () => {
  expect(
    reasons(
      told('raw', ['send', 3, 5], ['recv', 3, { bytes: 2, text: 'ab' }], ['close', 3, 0], ['recv', 4, 0, 'EAGAIN']),
      told('strace', ['recv', 3, { bytes: 2 }], ['getsockopt', 3, 0], ['send', 3, 5], ['close', 3, 0]),
    ),
  ).toEqual([]);
});

test('a call too few or too many, another descriptor, another outcome', () => {
  const reported = told('raw', ['send', 3, 5], ['close', 3, 0]);
  expect(reasons(reported, told('strace', ['send', 3, 5]))).toEqual([
    'user reports close(fd 3) = 0 1 time, and strace shows it 0 times',
  ]);
  expect(reasons(reported, told('strace', ['send', 3, 5], ['close', 3, 0], ['close', 3, 0]))).toEqual([
    'user reports close(fd 3) = 0 1 time, and strace shows it 2 times',
  ]);
  expect(reasons(reported, told('strace', ['send', 3, 4], ['close', 4, 0]))).toHaveLength(4);
  expect(reasons(reported, told('strace', ['send', 3, 5], ['close', 3, 0, 'EIO']))).toHaveLength(2);
});

test('of what Node calls for itself the shutdowns are counted', () => {
  const reported = told('node', ['shutdown', 0, 0], ['close', 0, 0]);
  expect(reasons(reported, told('strace', ['shutdown', 22, 0], ['write', 22, 5], ['close', 22, 0]))).toEqual([]);
  expect(reasons(reported, [])).toEqual(['user reports shutdown() 1 time, and strace shows it 0 times']);
});
