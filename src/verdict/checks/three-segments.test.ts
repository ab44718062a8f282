import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from '../view/view.ts';
import { acksAlone, closesInThree } from './three-segments.ts';

/** One close, of which the peer's FIN leaves so many milliseconds after the first has come; with the ACK before it or not. */
const closeOf = (afterMs: number, ackAlone: boolean) => {
  const recording = startRecording();
  shakeHands(recording);
  recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
  recording.after(afterMs);
  if (ackAlone) recording.send('server', { flags: '.', seq: 1, ack: 2 });
  recording.send('server', { flags: 'F.', seq: 1, ack: 2 });
  recording.send('client', { flags: '.', seq: 2, ack: 2 });
  return viewOf(buildTimeline(recording.end())).connection();
};
const twenty = (afterMs: number, ackAlone: boolean) => Array.from({ length: 20 }, () => closeOf(afterMs, ackAlone));

test('a close in three is FIN, FIN with its ACK, ACK', () => {
  expect(closesInThree(twenty(1, false), [1, 1])).toMatchObject({
    outcome: 'held',
    actual: 'closes of three segments: 20 of 20 tries',
  });
  expect(closesInThree(twenty(1, true), [0.5, 1]).outcome).toBe('failed');
  expect(closesInThree(twenty(1, false).slice(1), [1, 1]).outcome).toBe('unknown');
});

test('a FIN that crosses the other, and does not acknowledge it, is no answer', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
  recording.send('server', { flags: 'F.', seq: 1, ack: 1 });
  recording.send('client', { flags: '.', seq: 2, ack: 2 });
  const crossed = viewOf(buildTimeline(recording.end())).connection();
  expect(closesInThree(Array(20).fill(crossed), [0, 0]).outcome).toBe('held');
});

test('a peer that was late leaves the share unknown, and changes nothing where it holds', () => {
  expect(closesInThree(twenty(50, true), [0.5, 1], { withinMs: 40 })).toMatchObject({
    outcome: 'unknown',
    actual: 'closes of three segments: 0 of 20 tries, of which 20 were late',
  });
  expect(closesInThree(twenty(50, false), [0.5, 1], { withinMs: 40 }).outcome).toBe('held');
});

test('ACKs that leave alone are timed from the arrival of the FIN', () => {
  expect(acksAlone(twenty(40, true), [35, 45]).outcome).toBe('held');
  expect(acksAlone(twenty(40, true), [0, 15]).outcome).toBe('failed');
  expect(acksAlone(twenty(40, false), [35, 45]).outcome).toBe('failed');
});

test('a last ACK that is lost, and the FIN that comes again, make it no other close', () => {
  const close = () => {
    const recording = startRecording();
    shakeHands(recording);
    recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
    recording.send('server', { flags: 'F.', seq: 1, ack: 2 });
    recording.send('client', { flags: '.', seq: 2, ack: 2 }, 'drop');
    recording.after(210);
    recording.send('server', { flags: 'F.', seq: 1, ack: 2 });
    recording.send('client', { flags: '.', seq: 2, ack: 2 });
    return viewOf(buildTimeline(recording.end())).connection();
  };
  const all = Array.from({ length: 20 }, close);
  expect(closesInThree(all, [1, 1]).outcome).toBe('held');
  expect(acksAlone(all, [0, 100]).outcome).toBe('failed');
});
