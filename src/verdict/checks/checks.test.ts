import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all, any, type Check, unknown } from '../check.ts';
import { Unobserved } from '../view/observation.ts';
import { count, equal, holds, kernelTime, none, sequence, share, sockets, states, waits, within } from './checks.ts';
import { endState } from './connection-checks.ts';
import { failsWith, hasRead, returns } from './program-checks.ts';

const event = (id: string) => ({ id });
const segment = (id: string, from: string, flags: string, text: string) => ({ id, from, flags, text });

test('equal compares values by their parts and names both', () => {
  expect(equal('bytes', [10, 0], [10, 0], [event('e1')])).toEqual({
    outcome: 'held',
    expected: 'bytes: [10,0]',
    actual: 'bytes: [10,0]',
    evidence: ['e1'],
  });
  expect(equal('error', 'ECONNRESET', '', [event('e1')])).toMatchObject({ outcome: 'failed', actual: 'error: none' });
  expect(equal('ack', 2, '2', [event('e1')]).outcome).toBe('failed');
});

test('within holds at both ends of the range, and never for what is no number', () => {
  const between = (actual: number) => within('after', [980, 1165], actual, 'ms', [event('e1')]);
  expect([979.9, 980, 1165, 1165.1].map((actual) => between(actual).outcome)).toEqual([
    'failed',
    'held',
    'held',
    'failed',
  ]);
  for (const actual of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(between(actual)).toMatchObject({ outcome: 'failed', actual: 'after: none' });
});

test('a kernel timer fires never early and up to 12.5 % late', () => {
  expect(kernelTime(1000)).toEqual([980, 1165]);
});

test('count shows what it counted', () => {
  expect(count('SYNs', 2, [event('e1'), event('e2')])).toMatchObject({ outcome: 'held', evidence: ['e1', 'e2'] });
  expect(count('SYNs', 1, [])).toMatchObject({ outcome: 'failed', actual: 'SYNs: 0', evidence: [] });
});

test('waits asks for each wait, and for no more and no fewer of them', () => {
  const at = (...milliseconds: number[]) => milliseconds.map((ms, index) => ({ id: `e${index}`, at: ms * 1e6 }));
  expect(waits([1000, 2000], at(0, 1100, 3100)).outcome).toBe('held');
  expect(waits([1000, 2000], at(0, 979, 3000))).toMatchObject({
    outcome: 'failed',
    expected: 'waits of 1, 2 s',
    actual: 'waits of 0.98, 2.02 s (the first that differs is number 1)',
  });
  expect(waits([1000, 2000], at(0, 1000)).outcome).toBe('failed');
  expect(waits([1000], at(0, 1000, 3000)).outcome).toBe('failed');
  expect(waits([1000], [undefined, { id: 'e1', at: 1e9 }]).outcome).toBe('failed');
});

test('waits takes a change of state for the span it lies in', () => {
  const changed = (from: number, to: number) => [
    { id: 'e1', at: 0 },
    { id: 'e2', at: from * 1e6, kind: 'state', between: [from * 1e6, to * 1e6] as const },
  ];
  expect(waits([1000], changed(1000, 1020)).outcome).toBe('held');
  expect(waits([1000], changed(1000, 9000)).outcome).toBe('unknown');
  expect(waits([1000], changed(3000, 9000)).outcome).toBe('failed');
});

test('waits allows Node to tell a little later what the kernel did in time', () => {
  const until = (kind: string, ms: number) => [
    { id: 'e1', at: 0 },
    { id: 'e2', at: ms * 1e6, kind },
  ];
  expect(waits([1000], until('segment', 1300)).outcome).toBe('failed');
  expect(waits([1000], until('emit', 1300)).outcome).toBe('held');
  expect(waits([1000], until('emit', 1500)).outcome).toBe('failed');
});

test('endState asks where one end is in the end', () => {
  const connection = { state: () => ({ id: 's3', state: 'CLOSED' as const }) };
  expect(endState(connection, 'client', 'CLOSED')).toMatchObject({ outcome: 'held', evidence: ['s3'] });
  expect(endState(connection, 'server', 'TIME-WAIT')).toMatchObject({
    outcome: 'failed',
    actual: 'the server: CLOSED',
  });
});

test('failsWith asks for one error; without any it shows where it looked', () => {
  expect(failsWith('EPIPE', [{ id: 'e1', code: 'EPIPE' }]).outcome).toBe('held');
  expect(failsWith('EPIPE', [{ id: 'e1', code: 'ECONNRESET' }]).outcome).toBe('failed');
  expect(failsWith('EPIPE', [event('e1'), event('e2')]).outcome).toBe('failed');
  expect(failsWith('EPIPE', [], [event('e9')])).toMatchObject({
    outcome: 'failed',
    actual: 'error: none',
    evidence: ['e9'],
  });
});

test('returns knows a success, an errno, and a call that has not returned or was never made', () => {
  const call = (returned?: { at: number; errno?: string }) =>
    ({ id: 'e1', kind: 'call', returned }) as Parameters<typeof returns>[2];
  expect(returns('bind()', 'success', call({ at: 1 })).outcome).toBe('held');
  expect(returns('bind()', 'EADDRINUSE', call({ at: 1, errno: 'EADDRINUSE' })).outcome).toBe('held');
  expect(returns('bind()', 'success', call({ at: 1, errno: 'EADDRINUSE' })).outcome).toBe('failed');
  expect(returns('recv()', 'success', call())).toMatchObject({
    outcome: 'failed',
    actual: 'recv(): it has not returned',
  });
  expect(returns('bind()', 'success', undefined)).toMatchObject({ outcome: 'failed', evidence: [] });
});

test('sequence asks for as much of the notation as is given, and for nothing more', () => {
  const closing = [segment('e1', 'client', 'F.', 'F. 1:1(0) ack 1'), segment('e2', 'server', '.', '. 1:1(0) ack 2')];
  expect(sequence(closing, ['client F.', 'server .']).outcome).toBe('held');
  expect(sequence(closing, ['client F. 1:1(0) ack 1', 'server . 1:1(0) ack 2']).outcome).toBe('held');
  expect(sequence(closing, ['client F. 1:1(0) ack 1', 'server . 1:1(0) ack 1'])).toMatchObject({
    outcome: 'failed',
    actual: 'segments: client F. 1:1(0) ack 1, server . 1:1(0) ack 2',
  });
  expect(sequence(closing, ['client F.']).outcome).toBe('failed');
  expect(sequence(closing, ['client F.', 'server .', 'server F.']).outcome).toBe('failed');
  expect(sequence([], [])).toMatchObject({ outcome: 'held', evidence: [] });
});

test('states asks for exactly these, in order', () => {
  const changes = [
    { id: 'e1', to: 'FIN-WAIT-1' as const },
    { id: 'e2', to: 'TIME-WAIT' as const },
  ];
  expect(states('client', ['FIN-WAIT-1', 'TIME-WAIT'], changes).outcome).toBe('held');
  expect(states('client', ['TIME-WAIT'], changes).outcome).toBe('failed');
  expect(states('client', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'], changes).outcome).toBe('failed');
});

test('none shows what it looked through, or what it found', () => {
  expect(none('rows', [], [event('s1'), event('s2')])).toMatchObject({ outcome: 'held', evidence: ['s1', 's2'] });
  expect(none('rows', [event('s2')], [event('s1'), event('s2')])).toMatchObject({
    outcome: 'failed',
    actual: 'rows: 1',
    evidence: ['s2'],
  });
});

test('share holds when the part lies in the range, and is unknown where it was tried too seldom', () => {
  const tries = (yes: number, no: number, draws?: number) =>
    share('merged', [0.5, 1], [...Array(yes).fill(true), ...Array(no).fill(false)], [event('e1')], { draws });
  expect(tries(10, 10)).toMatchObject({
    outcome: 'held',
    expected: 'merged: 50 to 100 % of at least 20 tries',
    actual: 'merged: 10 of 20 tries',
  });
  expect(tries(9, 11).outcome).toBe('failed');
  expect(tries(19, 0)).toMatchObject({
    outcome: 'unknown',
    actual: 'merged: 19 of 19 tries, which are too few to tell',
    evidence: ['e1'],
  });
  expect(tries(0, 19).outcome).toBe('unknown');
  expect(tries(2, 2, 4).outcome).toBe('held');
  expect(tries(1, 3, 4)).toMatchObject({ outcome: 'failed', expected: 'merged: 50 to 100 % of at least 4 tries' });
  expect(tries(30, 10, 50).outcome).toBe('unknown');
  for (const draws of [0, 1, 20]) expect(tries(0, 0, draws).outcome).toBe('unknown');
});

test('a share out of the range says nothing where tries were late', () => {
  const late = (yes: number, number: number) =>
    share('merged', [0.5, 1], [...Array(yes).fill(true), ...Array(20 - yes).fill(false)], [event('e1')], {
      late: number,
    });
  expect(late(9, 1)).toMatchObject({ outcome: 'unknown', actual: 'merged: 9 of 20 tries, of which 1 were late' });
  expect(late(9, 0).outcome).toBe('failed');
  expect(late(10, 10).outcome).toBe('held');
});

test('what was read is put together; where nothing was, what was looked through is the evidence', () => {
  const reads = [
    { id: 'e1', text: 'hel' },
    { id: 'e2', text: 'lo' },
  ];
  expect(hasRead('the server', 'hello', reads)).toMatchObject({ outcome: 'held', evidence: ['e1', 'e2'] });
  expect(hasRead('the server', '', reads)).toMatchObject({ outcome: 'failed', actual: 'the server read: hello' });
  expect(hasRead('the server', '', [], [event('e3')])).toMatchObject({ outcome: 'held', evidence: ['e3'] });
});

test('sockets that fit are counted in the last sample, which is the evidence', () => {
  const host = { name: 'server', last: () => ({ id: 's4', rows: [{}, {}] as never[] }) };
  const filter = { state: 'TIME-WAIT', localPort: 50000 } as const;
  expect(sockets(host, filter, 2)).toMatchObject({
    outcome: 'held',
    expected: 'sockets of the server in TIME-WAIT, localPort 50000: 2',
    evidence: ['s4'],
  });
  expect(sockets(host, filter, 3).outcome).toBe('failed');
});

test('what is not there is no evidence', () => {
  expect(holds('a', 'b', true, [undefined, event('e2'), event('e2')]).evidence).toEqual(['e2']);
});

const check = fc.record<Check>({
  outcome: fc.constantFrom('held', 'failed', 'unknown'),
  expected: fc.constant('expected'),
  actual: fc.constant('actual'),
  evidence: fc.array(fc.constantFrom('e1', 'e2', 's1')),
});

test('all and any are the and and or of three values, in any order', () => {
  fc.assert(
    fc.property(fc.array(check, { minLength: 1 }), (checks) => {
      const outcomes = checks.map(({ outcome }) => outcome);
      const has = (outcome: Check['outcome']) => outcomes.includes(outcome);
      expect(all(...checks).outcome).toBe(has('failed') ? 'failed' : has('unknown') ? 'unknown' : 'held');
      expect(any(...checks).outcome).toBe(has('held') ? 'held' : has('unknown') ? 'unknown' : 'failed');
      expect(all(...checks.toReversed()).outcome).toBe(all(...checks).outcome);
    }),
  );
});

test('of nothing at all, nothing is known', () => {
  expect(all().outcome).toBe('unknown');
  expect(any().outcome).toBe('unknown');
  expect(unknown('nobody looked')).toMatchObject({ outcome: 'unknown', actual: 'nobody looked', evidence: [] });
});

test('a failed all() names what failed, and nothing that held', () => {
  const failed = all(equal('a', 1, 1, [event('e1')]), equal('b', 1, 2, [event('e2')]));
  expect(failed).toMatchObject({ outcome: 'failed', expected: 'b: 1', actual: 'b: 2', evidence: ['e2'] });
});

describe('a number that could not be had', () => {
  const shown = [event('e1')];
  const timed = { id: 'e1', at: 0 };
  test('equals nothing, and is not taken for null or undefined', () => {
    expect(equal('ms', null, Number.NaN, shown)).toMatchObject({ outcome: 'failed', actual: 'ms: no number' });
    expect(equal('ms', [1, null], [1, Number.NaN], shown).outcome).toBe('failed');
    expect(within('ms', [0, 10], Number.NaN, 'ms', shown).outcome).toBe('failed');
  });
  test('leaves open what is compared with it', () => {
    expect(equal('ms', Number.NaN, Number.NaN, shown).outcome).toBe('unknown');
    expect(equal('ack', undefined, undefined, shown).outcome).toBe('unknown');
    expect(within('ms', kernelTime(Number.NaN), 5, 'ms', shown).outcome).toBe('unknown');
    expect(waits([Number.NaN], [timed, timed]).outcome).toBe('unknown');
    expect(waits([], [timed]).outcome).toBe('unknown');
    expect(count('SYNs', Number.NaN, shown).outcome).toBe('unknown');
  });
});

test('what is not there is not counted', () => {
  expect(count('SYNs', 1, [undefined, event('e1')]).outcome).toBe('held');
  expect(count('SYNs', 1, [undefined]).outcome).toBe('failed');
  expect(none('rows', [undefined], [event('e1')]).outcome).toBe('held');
});

test('endState is unknown where nobody saw the end', () => {
  const connection = {
    state: () => {
      throw new Unobserved('ss did not look');
    },
  };
  expect(endState(connection, 'client', 'CLOSED')).toMatchObject({ outcome: 'unknown', actual: 'ss did not look' });
  const check = all(endState(connection, 'client', 'CLOSED'), equal('flags', 'S', 'R', [event('e1')]));
  expect(check.outcome).toBe('failed');
});

test('a whole whose ground is unknown is unknown, whatever failed on it', () => {
  const ground = { ...unknown('the tool was late'), isGround: true };
  const failed = equal('FINs', 4, 1, [{ id: 'e1' }]);
  expect(all(ground, failed)).toMatchObject({ outcome: 'unknown', actual: 'the tool was late' });
  expect(all({ ...ground, outcome: 'held' }, failed).outcome).toBe('failed');
  expect(all(unknown('of something else'), failed).outcome).toBe('failed');
});

test('an error that several sockets have told is one error', () => {
  const errors = [event('e1'), event('e2')].map((one) => ({ ...one, code: 'ECONNRESET' }));
  expect(failsWith('ECONNRESET', errors).outcome).toBe('held');
  expect(failsWith('ECONNRESET', [...errors, { id: 'e3', code: 'EPIPE' }]).outcome).toBe('failed');
});

test('what was read and is not kept whole is unknown, unless it is so many bytes more or fewer', () => {
  const long = 'x'.repeat(300);
  const read = (text: string, bytes: number) => [{ id: 'e1', text, bytes }];
  expect(hasRead('the server', long, read(long.slice(0, 200), 301)).outcome).toBe('failed');
  expect(() => hasRead('the server', long, read(long.slice(0, 200), 300))).toThrow(Unobserved);
  expect(() => hasRead('the server', '\u0000\u0001ok', read('', 4))).toThrow(
    'the record keeps only the beginning, or none',
  );
  expect(hasRead('the server', 'hello', read('hello', 5)).outcome).toBe('held');
});
