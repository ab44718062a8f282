import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from '../view/view.ts';
import { answerTo, bytesOf, carries, sent } from './segments.ts';

const segment = (from: 'client' | 'server', flags: string, length = 0) => ({ from, flags, length });

test('a segment carries data, SYN, FIN or RST, or several of them', () => {
  expect(carries('SYN')(segment('server', 'S.'))).toBe(true);
  expect(carries('FIN')(segment('server', 'FP.', 5))).toBe(true);
  expect(carries('data')(segment('server', 'FP.', 5))).toBe(true);
  expect(carries('data')(segment('server', 'P.'))).toBe(false);
  expect(carries('FIN', 'RST')(segment('client', 'R.'))).toBe(true);
  expect(carries('FIN', 'RST')(segment('client', '.'))).toBe(false);
});

test('sent is about one host, and without a cargo about all it sent', () => {
  expect(sent('client')(segment('client', '.'))).toBe(true);
  expect(sent('client', 'FIN')(segment('client', '.'))).toBe(false);
  expect(sent('client', 'FIN')(segment('server', 'F.'))).toBe(false);
});

test('the answer is the first segment of the receiver after the arrival; what never arrived has none', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' }, 'drop');
  recording.send('server', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  recording.send('client', { flags: '.', seq: 5, ack: 6 });
  const segments = viewOf(buildTimeline(recording.end())).segments();
  const [syn] = segments;
  expect(answerTo(syn, segments)?.flags).toBe('S.');
  expect(answerTo(segments.findLast(sent('server', 'data')), segments)?.text).toBe('. 5:5(0) ack 6');
  expect(answerTo(segments.find(sent('client', 'data')), segments)).toBeUndefined();
  expect(answerTo(undefined, segments)).toBeUndefined();
  expect(bytesOf(segments)).toBe(9);
});

test('bytes of segments and of reads', () => {
  expect(bytesOf([{ length: 2 }, { length: 3 }])).toBe(5);
  expect(bytesOf([{ bytes: 4 }, { bytes: 0 }])).toBe(4);
  expect(bytesOf([])).toBe(0);
});

test('what the wire made in the name of a host the host has not sent', () => {
  expect(sent('server', 'RST')({ ...segment('server', 'R'), origin: 'inject' })).toBe(false);
  expect(sent('server', 'RST')({ ...segment('server', 'R'), origin: 'host' })).toBe(true);
});

test('a condition says in words which segments it means', () => {
  expect(carries('data', 'FIN').description).toBe('data or FIN');
  expect(sent('server', 'FIN').description).toBe('FIN from server');
  expect(sent('client').description).toBe('segments from client');
});

test('a condition that no segment could meet is refused', () => {
  expect(() => carries()).toThrow("carries() takes 'data', 'SYN', 'FIN' or 'RST', and was given nothing.");
  expect(() => carries('Fin' as 'FIN')).toThrow('and was given "Fin"');
  expect(() => sent('peer' as 'client')).toThrow("sent() takes a host first, one of 'client', 'proxy', 'server'");
});
