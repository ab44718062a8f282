import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { segments } from '../../timeline/fixtures/telling.ts';
import { all, type Check } from '../check.ts';
import { count, equal, holds, within } from '../checks/checks.ts';
import { elapsed } from '../checks/events.ts';
import { withoutInfluence } from './influence.ts';
import { timersOfRun } from './timers.ts';
import { timersAt } from './timers-shown.ts';

/**
 * A FIN that nobody answers, sent `times` times; ss shows this RTO before. The wire takes `slow` milliseconds for each
 * segment of the handshake.
 */
const recorded = ({ rto, times = 3, slow = 0 }: { rto?: number; times?: number; slow?: number }) => {
  const recording = startRecording();
  if (slow === 0) shakeHands(recording);
  else
    for (const [from, sent] of [
      ['client', { flags: 'S' }],
      ['server', { flags: 'S.', ack: 1 }],
      ['client', { flags: '.', seq: 1, ack: 1 }],
    ] as const)
      recording.send(from, sent, 'deliver', slow);
  const end = { state: 'ESTAB', info: rto ? `cubic rto:${rto} rtt:9.9/5` : 'cubic' };
  recording.sample(both(end, end));
  for (let copy = 0; copy < times; copy++) {
    recording.send('client', { flags: 'F.', seq: 1, ack: 1 }, 'drop');
    const left = { ...end, state: 'FIN-WAIT-1', timer: `on,${200 * 2 ** copy}ms,${copy}`, inode: 0 };
    recording.sample(both(left, end));
    recording.after(200 * 2 ** copy);
  }
  return buildTimeline(recording.end());
};

type Recorded = ReturnType<typeof recorded>;
const fins = (timeline: Recorded) => segments(timeline).filter(({ flags }) => flags === 'F.');
const judged = (timeline: Recorded, check: (found: ReturnType<typeof fins>) => Check) =>
  withoutInfluence(check(fins(timeline)), timeline);

test('a count of retransmissions is unknown where ss shows a raised timeout, with the reason', () => {
  const raised = recorded({ rto: 284 });
  const check = judged(raised, (found) => count('FINs', 6, found));
  expect(check).toMatchObject({ outcome: 'unknown', expected: 'FINs: 6', evidence: fins(raised).map(({ id }) => id) });
  expect(check.actual).toMatch(
    /the retransmission timeout of connection #0 on the client was 284 ms \(round trip 9.9 ms\), and by the captures it would be 20\d ms/,
  );
  expect(judged(recorded({ rto: 204 }), (found) => count('FINs', 6, found)).outcome).toBe('failed');
});

test('so is a time, and any condition of the experiment’s own, and the whole that is made of it', () => {
  const raised = recorded({ rto: 284 });
  const time = (found: ReturnType<typeof fins>) =>
    within('wait', [0, 900], elapsed(found[0], found[1]), 'ms', found.slice(0, 2));
  expect(judged(raised, time).outcome).toBe('unknown');
  expect(judged(raised, (found) => holds('more than two', 'three', found.length > 2, found)).outcome).toBe('unknown');
  expect(
    judged(raised, (found) => all(equal('first', 'F.', found[0]?.flags, found.slice(0, 1)), time(found))).outcome,
  ).toBe('unknown');
  const failed = judged(raised, (found) => all(equal('first', 'R', found[0]?.flags, found.slice(0, 1)), time(found)));
  expect(failed.outcome).toBe('failed');
});

test('what does not rest on it stays decided: a first copy, one retransmission and what it says, a field', () => {
  const raised = recorded({ rto: 284 });
  expect(judged(raised, (found) => count('FINs first', 1, found.slice(0, 1))).outcome).toBe('held');
  expect(judged(raised, (found) => equal('again', 'F.', found[1]?.flags, found.slice(0, 2))).outcome).toBe('held');
  expect(judged(raised, (found) => equal('FINs', 3, found.length, found)).outcome).toBe('unknown');
});

test('a FIN-WAIT-2 that ran out no later than 3.5 RTO says nothing of tcp_fin_timeout where the RTO was raised', () => {
  const left = ({ slow, lasted }: { slow: number; lasted: number }) => {
    const recording = startRecording();
    for (const [from, sent] of [
      ['client', { flags: 'S' }],
      ['server', { flags: 'S.', ack: 1 }],
      ['client', { flags: '.', seq: 1, ack: 1 }],
    ] as const)
      recording.send(from, sent, 'deliver', slow);
    recording.sample(both('ESTAB'));
    recording.send('client', { flags: 'F.', seq: 1, ack: 1 }, 'deliver', slow);
    recording.sample(both({ state: 'FIN-WAIT-1', inode: 0 }, 'CLOSE-WAIT'));
    recording.send('server', { flags: '.', seq: 1, ack: 2 }, 'deliver', slow);
    recording.sample(both({ state: 'FIN-WAIT-2', timer: `timewait,${lasted}ms,0`, inode: 0 }, 'CLOSE-WAIT'));
    recording.after(lasted);
    recording.sample(both(undefined, 'CLOSE-WAIT'));
    const timeline = buildTimeline(recording.end());
    const waiting = timeline.events.find((event) => event.kind === 'state' && event.to === 'FIN-WAIT-2');
    const milliseconds = (waiting?.kind === 'state' ? (waiting.dwell ?? 0) : 0) / 1e6;
    return withoutInfluence(within('FIN-WAIT-2', [1980, 2290], milliseconds, 'ms', [waiting]), timeline);
  };
  const raised = left({ slow: 300, lasted: 6000 });
  expect([raised.outcome, raised.actual]).toEqual(['unknown', expect.stringContaining('at least 3.5 of them')]);
  expect(left({ slow: 40, lasted: 2000 }).outcome).toBe('held');
  expect(left({ slow: 0.5, lasted: 700 }).outcome).toBe('failed');
});

test('where nobody looked the captures tell, by the kernel’s own formula', () => {
  const quick = recorded({ slow: 0.5 });
  expect(timersAt(quick, 0, 'client', quick.duration)).toMatchObject({ raised: false });
  const slow = recorded({ slow: 40 });
  const timers = timersAt(slow, 0, 'client', slow.duration);
  expect(timers.raised).toBe(true);
  expect(timers.rto).toBeGreaterThan(278);
  expect(timers.undisturbed).toBeLessThan(203);
});

test('a probe of the persist timer doubles no timeout, and none is said to have been halved', () => {
  const recording = startRecording();
  shakeHands(recording);
  const probing = { state: 'ESTAB', info: 'cubic rto:228 backoff:2 rtt:20/10', timer: 'persist,456ms,0' };
  recording.sample(both(probing));
  const timeline = buildTimeline(recording.end());
  expect(timersOfRun(timeline).find(({ host }) => host === 'client')).toMatchObject({ rto: [228, 228] });
});

test('a timeout doubled up to the longest does not tell what it was doubled from', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.call('client', { via: 'host', api: 'sysctl', args: ['net.ipv4.tcp_rto_max_ms', 1000] });
  recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'a' }, 'drop');
  const row = (info: string) => ({ state: 'ESTAB', info: `cubic ${info} rtt:0.1/0.05`, timer: 'on,800ms,2' });
  recording.sample(both(row('rto:800 backoff:2'), row('rto:1000 backoff:9')));
  recording.sample(both(row('rto:1000 backoff:9'), row('rto:1000 backoff:9')));
  const timeline = buildTimeline(recording.end());
  const client = timersOfRun(timeline).find(({ host }) => host === 'client');
  expect(client).toMatchObject({ rto: [200, 200] });
  expect(timersAt(timeline, 0, 'client', timeline.duration)).toMatchObject({ raised: false });
});

test('a timeout that the round trips in the captures do not account for is not put down to the pauses of the wire', () => {
  const [client] = timersOfRun(recorded({ rto: 4528, slow: 20 }));
  expect(client).toMatchObject({ host: 'client', rto: [4528, 4528], raised: false });
});

test('a timeout that the kernel has rounded up to its tick is still that of the pauses', () => {
  const slow = recorded({ rto: 212, slow: 4 });
  expect(timersAt(slow, 0, 'client', slow.duration)).toMatchObject({ raised: true, isOfPauses: true });
});
