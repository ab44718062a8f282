import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, client, type Recording, server, shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from '../view/view.ts';
import { causedBy, closesWith, endStates, lasts, neverLearns, stays } from './connection-checks.ts';

const recorded = (record: (recording: Recording) => void) => {
  const recording = startRecording();
  shakeHands(recording);
  recording.stage('begin', 'here');
  record(recording);
  recording.stage('end', 'here');
  const run = viewOf(buildTimeline(recording.end()));
  return { run, here: run.connection().during('here') };
};

const idle = (recording: Recording, timer?: string) => {
  for (let samples = 0; samples < 3; samples++)
    recording.sample(both(timer ? { state: 'ESTAB', timer } : 'ESTAB', 'ESTAB'));
};

/** The client closes, and waits for `waitMs` in FIN-WAIT-2. */
const close = (recording: Recording, waitMs = 1000) => {
  recording.sample(both('ESTAB', 'ESTAB'));
  recording.step('end');
  recording.call('client', { api: 'shutdown', by: 'node', target: 'socket-1', local: client, remote: server });
  const fin = recording.send('client', { flags: 'F.', seq: 1, ack: 1 }, 'hold');
  recording.sample(both('FIN-WAIT-1', 'ESTAB'));
  recording.release(fin, 'server');
  recording.sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  recording.send('server', { flags: '.', seq: 1, ack: 2 });
  recording.sample(both({ state: 'FIN-WAIT-2', timer: 'timewait,1sec,0', inode: 0 }, 'CLOSE-WAIT'));
  recording.after(waitMs);
  recording.sample(both(undefined, 'CLOSE-WAIT'));
};

describe('stays', () => {
  test('holds where every sample shows the state, and the timer', () => {
    expect(stays(recorded(idle).here, 'client', 'ESTABLISHED').outcome).toBe('held');
    expect(stays(recorded(idle).here, 'client', 'ESTABLISHED', { timer: 'none' })).toMatchObject({
      outcome: 'held',
      expected: 'the client stays: ESTABLISHED, timer none',
      actual: 'the client: ESTABLISHED, timer none',
    });
    const { here } = recorded((recording) => idle(recording, 'keepalive,60min,0'));
    expect(stays(here, 'client', 'ESTABLISHED', { timer: 'keepalive' }).outcome).toBe('held');
    expect(stays(here, 'client', 'ESTABLISHED', { timer: 'none' })).toMatchObject({
      outcome: 'failed',
      actual: 'the client: ESTABLISHED, timer keepalive',
    });
  });

  test('fails where it leaves the state, and names where it went', () => {
    const { here } = recorded(close);
    expect(stays(here, 'server', 'ESTABLISHED')).toMatchObject({ outcome: 'failed', actual: 'the server: CLOSE-WAIT' });
  });

  test('is unknown where nobody looked', () => {
    const { here } = recorded(() => undefined);
    expect(stays(here, 'client', 'ESTABLISHED').outcome).toBe('unknown');
    expect(stays(here, 'client', 'ESTABLISHED').actual).toContain('ss was not sampled on the client');
  });
});

describe('lasts', () => {
  test('holds for the time a kernel timer takes', () => {
    expect(lasts(recorded(close).here, 'client', 'FIN-WAIT-2', 1000).outcome).toBe('held');
    expect(lasts(recorded(close).here, 'client', 'FIN-WAIT-2', 2000).outcome).toBe('failed');
    expect(lasts(recorded(close).here, 'client', 'FIN-WAIT-2', Number.NaN).outcome).toBe('unknown');
  });

  test('is unknown where it may have been inside of the range as well as outside', () => {
    const stay = (dwellBetween: [number, number]) => ({
      states: () => [{ id: 'e1', to: 'TIME-WAIT', dwell: 1e9, dwellBetween }, { id: 'e2' }] as never,
      rows: () => [],
    });
    expect(lasts(stay([0.9e9, 2.1e9]), 'client', 'TIME-WAIT', 2000).outcome).toBe('unknown');
    expect(lasts(stay([0.9e9, 1.1e9]), 'client', 'TIME-WAIT', 2000).outcome).toBe('failed');
    expect(lasts(stay([0.9e9, 1.1e9]), 'client', 'TIME-WAIT', 1000).outcome).toBe('unknown');
    expect(lasts(stay([0.99e9, 1.1e9]), 'client', 'TIME-WAIT', 1000)).toMatchObject({
      outcome: 'held',
      actual: 'TIME-WAIT: 990 to 1100 ms',
    });
  });

  test('fails for a stay that has not ended and is too long already, and for one that never was', () => {
    expect(lasts(recorded(close).here, 'server', 'CLOSE-WAIT', 500).outcome).toBe('failed');
    expect(lasts(recorded(close).here, 'server', 'CLOSE-WAIT', 5000)).toMatchObject({
      outcome: 'unknown',
      actual: expect.stringMatching(/^CLOSE-WAIT: [\d.]+ ms, and it had not ended$/),
    });
    expect(lasts(recorded(close).here, 'client', 'TIME-WAIT', 1000)).toMatchObject({
      outcome: 'failed',
      actual: 'TIME-WAIT: none',
    });
  });
});

test('neverLearns: nothing arrives, and it stays ESTABLISHED; what does arrive is named', () => {
  const { run, here } = recorded(idle);
  const [since] = run.client.calls('connect');
  expect(neverLearns(here, 'server', since).outcome).toBe('held');
  const closed = recorded(close).here;
  expect(neverLearns(closed, 'server', since)).toMatchObject({
    outcome: 'failed',
    actual: 'segments that arrive at the server: 1; the server: CLOSE-WAIT',
  });
  expect(neverLearns(recorded(() => undefined).here, 'server', since).outcome).toBe('unknown');
});

test('endStates are those of both ends', () => {
  const { here } = recorded(close);
  expect(endStates(here, { client: 'CLOSED', server: 'CLOSE-WAIT' }).outcome).toBe('held');
  expect(endStates(here, { client: 'CLOSED', server: 'CLOSED' })).toMatchObject({
    outcome: 'failed',
    actual: 'the server: CLOSE-WAIT',
  });
});

test('an end closes with its own FIN or RST, whatever the other sends', () => {
  const { here } = recorded((recording) => {
    recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
    recording.send('server', { flags: '.', seq: 1, ack: 2 });
    recording.send('server', { flags: 'R.', seq: 1, ack: 2 });
  });
  expect(closesWith(here, 'client', 'FIN')).toMatchObject({ outcome: 'held', actual: 'the client sends: FIN' });
  expect(closesWith(here, 'server', 'FIN')).toMatchObject({ outcome: 'failed', actual: 'the server sends: RST' });
  expect(closesWith(recorded(idle).here, 'client', 'FIN')).toMatchObject({ actual: 'the client sends: none' });
});

test('a cause is a kind, a timer or another event', () => {
  const { here } = recorded(close);
  const [fin, ack] = here.segments;
  expect(causedBy(fin, 'call').outcome).toBe('held');
  expect(causedBy(fin, 'timer')).toMatchObject({ outcome: 'failed', actual: 'cause of F. 1:1(0) ack 1: call' });
  expect(causedBy(ack, fin).outcome).toBe('held');
  expect(causedBy(here.states('client').at(-1), 'timewait').outcome).toBe('held');
  expect(causedBy(here.states('client').at(-1), 'timer').outcome).toBe('held');
  expect(causedBy(undefined, 'call')).toMatchObject({ outcome: 'failed', evidence: [] });
  expect(causedBy(fin, undefined).outcome).toBe('unknown');
});

test('retransmissions are what one end has sent again', () => {
  const { here } = recorded((recording) => {
    recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' }, 'drop');
    recording.after(300);
    recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' });
    recording.send('server', { flags: '.', seq: 1, ack: 5 });
  });
  expect(here.retransmissions('client').map(({ text }) => text)).toEqual([expect.stringContaining('1:5(4)')]);
  expect(here.retransmissions('server')).toEqual([]);
});

test('what arrives belongs to the part in which it arrives, not to that in which it was sent', () => {
  const recording = startRecording();
  shakeHands(recording);
  const look = () => recording.sample(both('ESTAB', 'ESTAB'));
  recording.stage('begin', 'on its way');
  look();
  const frame = recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'late' }, 'hold');
  look();
  recording.stage('end', 'on its way');
  recording.stage('begin', 'it comes');
  look();
  recording.release(frame, 'server');
  look();
  recording.stage('end', 'it comes');
  const connection = viewOf(buildTimeline(recording.end())).connection();
  const since = { id: 'e1' };
  expect(neverLearns(connection.during('on its way'), 'server', since).outcome).toBe('held');
  expect(neverLearns(connection.during('it comes'), 'server', since)).toMatchObject({ outcome: 'failed' });
  expect(connection.during('it comes').segments).toEqual([]);
});

test('of a program whose calls nobody recorded only that it was a program is known', () => {
  const caused = (cause: object) => ({ id: 'e9', text: 'F. 1:1(0) ack 1', cause }) as never;
  const one = caused({ kind: 'program', event: 'e2' });
  const several = caused({ kind: 'programs', events: ['e2', 'e3'] });
  for (const by of [one, several]) {
    expect(causedBy(by, 'program').outcome).toBe('held');
    for (const expected of ['call', 'process-end'] as const) expect(causedBy(by, expected).outcome).toBe('unknown');
    expect(causedBy(by, 'timewait').outcome).toBe('failed');
  }
  expect(causedBy(one, { id: 'e2' }).outcome).toBe('held');
  expect(causedBy(several, { id: 'e2' }).outcome).toBe('unknown');
  expect(causedBy(several, { id: 'e4' }).outcome).toBe('failed');
});

test('ss says `on` of the retransmission timeout; a cause of no known name leaves the case unknown', () => {
  const again = { id: 'e9', text: 'S 0:0(0)', cause: { kind: 'timer', timer: 'on' } } as never;
  for (const name of ['on', 'RTO', 'timer'] as const) expect(causedBy(again, name).outcome).toBe('held');
  expect(causedBy(again, 'persist')).toMatchObject({ outcome: 'failed', actual: 'cause of S 0:0(0): RTO' });
  expect(causedBy(again, 'cal' as never)).toMatchObject({ outcome: 'unknown', actual: "no cause is named 'cal'" });
});
