import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import type { Evidence } from '../evidence.ts';
import { shakeHands, startRecording } from '../fixtures/recording.ts';
import { segments } from '../fixtures/telling.ts';

/** Long segments, sent and injected, as captures see them that keep 1,000 bytes of each. */
const recorded = (): Evidence => {
  const recording = startRecording({ keep: 1000 });
  shakeHands(recording);
  recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: `first ${'a'.repeat(2000)}` });
  recording.send('client', { flags: 'P.', seq: 2007, ack: 1, payload: `second ${'a'.repeat(2000)}` });
  recording.inject('server', { flags: 'P.', seq: 1, ack: 4014, payload: 'b'.repeat(3000) });
  return recording.end();
};

test('frames longer than the captures keep are matched by their beginning and length, and decoded with their whole length', () => {
  const timeline = buildTimeline(recorded());
  expect(timeline.gaps).toEqual([]);
  const [first, second, injected] = segments(timeline).slice(3);
  expect(first).toMatchObject({ text: 'P. 1:2007(2006) ack 1', length: 2006, packet: { client: 4, server: 4 } });
  expect(second).toMatchObject({ text: 'P. 2007:4014(2007) ack 1', packet: { client: 5, server: 5 } });
  expect(injected).toMatchObject({ text: 'P. 1:3001(3000) ack 4014', origin: 'inject', packet: { client: 6 } });
});

test('of such a segment nobody says whether its checksum is right', () => {
  const [syn, , , first, , injected] = segments(buildTimeline(recorded()));
  expect(syn?.checksumOk).toBe(true);
  expect([first, injected].map((segment) => segment?.checksumOk)).toEqual([undefined, undefined]);
});

test('one with another beginning, or another length, is no copy', () => {
  // A byte of the payload, then one of the length that stands in the capture.
  for (const offset of [16 + 60, 12]) {
    const evidence = recorded();
    const file = Buffer.from(evidence.captures.server);
    let at = 24;
    for (let packet = 1; packet < 4; packet++) at += 16 + file.readUInt32LE(at + 8);
    file.writeUInt8(file.readUInt8(at + offset) ^ 1, at + offset);
    evidence.captures.server = file;
    expect(buildTimeline(evidence).gaps.map(({ reason }) => reason)).toEqual([
      '1 frame that the host was given cannot be found in server.pcap',
      "1 packet of server.pcap cannot be found in the wire's log",
    ]);
  }
});

test('a log written before it held the digest of the beginning is read, and what cannot be matched is said', () => {
  const evidence = recorded();
  const wire = evidence.wire.map((record) => (record.type === 'read' ? { ...record, head: undefined } : record));
  const timeline = buildTimeline({ ...evidence, wire });
  expect(timeline.gaps.map(({ reason }) => reason)).toEqual([
    '2 frames that the host sent cannot be found in client.pcap',
    "2 packets of client.pcap cannot be found in the wire's log",
    '2 frames that the host was given cannot be found in server.pcap',
    "2 packets of server.pcap cannot be found in the wire's log",
  ]);
  expect(segments(timeline).map(({ text }) => text)).toContain('P. 1:2007(2006) ack 1');
});
