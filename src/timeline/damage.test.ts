import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ofTwo } from '../record/fixtures/of-two.ts';
import { buildTimeline } from './build.ts';
import { type Evidence, readApiLog, readWireLog } from './evidence.ts';
import { both, client, server, shakeHands, startRecording } from './fixtures/recording.ts';
import { segments, states } from './fixtures/telling.ts';
import { timeline as schema } from './schema.ts';

const recorded = (): Evidence => {
  const recording = startRecording();
  const { step, call, send, sample } = recording;
  shakeHands(recording);
  step('write');
  call('client', { api: 'write', target: 'socket-1', local: client, remote: server, args: ['hello'] });
  const frame = send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  send('server', { flags: '.', seq: 1, ack: 6 });
  recording.replay(frame, 'client');
  sample(both('ESTAB', 'ESTAB'));
  step('reset');
  call('client', { api: 'resetAndDestroy', target: 'socket-1', local: client, remote: server });
  send('client', { flags: 'R.', seq: 6, ack: 1 });
  recording.destroy('client', {});
  sample(both());
  return recording.end();
};

test('a packet missing from one capture is a gap, and the other copy still tells of the segment', () => {
  const evidence = recorded();
  const pcap = Buffer.from(evidence.captures.client);
  const first = 24 + 16 + pcap.readUInt32LE(24 + 8);
  evidence.captures.client = Buffer.concat([pcap.subarray(0, 24), pcap.subarray(first)]);
  const timeline = buildTimeline(evidence);
  expect(timeline.gaps).toEqual([
    { witness: 'tcpdump', host: 'client', reason: '1 frame that the host sent cannot be found in client.pcap' },
    { witness: 'tcpdump', host: 'client', reason: 'client.pcap holds 5 packets, and tcpdump counted 6' },
  ]);
  const [syn, synAck] = segments(timeline);
  expect(syn).toMatchObject({ text: 'S 0:0(0)', packet: { server: 1 } });
  expect(syn?.sentAt).toBeUndefined();
  expect(synAck?.packet).toEqual({ client: 1, server: 2 });
});

test('a capture cut short is damaged, and what it lacks is counted', () => {
  const evidence = recorded();
  evidence.captures.server = evidence.captures.server.subarray(0, evidence.captures.server.length - 10);
  const { gaps, events } = buildTimeline(evidence);
  expect(gaps).toEqual([
    { witness: 'tcpdump', host: 'server', reason: expect.stringContaining('server.pcap is damaged from byte') },
    { witness: 'tcpdump', host: 'server', reason: '1 frame that the host was given cannot be found in server.pcap' },
    { witness: 'tcpdump', host: 'server', reason: 'server.pcap holds 6 packets, and tcpdump counted 7' },
  ]);
  expect(events.filter(({ kind }) => kind === 'segment')).toHaveLength(7);
});

test('a frame sent while the capture was being ended is not missed', () => {
  const evidence = recorded();
  evidence.captures.server = evidence.captures.server.subarray(0, evidence.captures.server.length - 10);
  const last = Math.max(...evidence.wire.map(({ t }) => t));
  evidence.captureEnd.server = { captured: 6, received: 6, droppedByKernel: 0, asked: last - 1 };
  expect(buildTimeline(evidence).gaps).toEqual([
    { witness: 'tcpdump', host: 'server', reason: expect.stringContaining('server.pcap is damaged from byte') },
  ]);
});

test('packets the kernel dropped, and counts tcpdump never gave, are gaps', () => {
  const evidence = recorded();
  evidence.captureEnd = { client: { captured: 6, received: 8, droppedByKernel: 2 } };
  const timeline = buildTimeline(evidence);
  expect(timeline.gaps).toEqual([
    { witness: 'tcpdump', host: 'client', reason: 'the kernel dropped 2 packets before tcpdump could read them' },
    { witness: 'tcpdump', host: 'server', reason: 'tcpdump never said how many packets it had missed' },
  ]);
  expect(timeline.capture).toEqual({
    client: { packets: 6, droppedByKernel: 2 },
    server: { packets: 7, droppedByKernel: null },
  });
});

test('nothing is concluded from a failed sample', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.sample({ client: [] }, { exit: 1 });
  recording.sample({ client: both('ESTAB').client });
  const timeline = buildTimeline(recording.end());
  expect(states(timeline, 'client').map(({ to }) => to)).toEqual(['SYN-SENT', 'ESTABLISHED']);
  expect(timeline.samples.filter(({ ok }) => !ok)).toMatchObject([{ host: 'client', rows: [] }]);
  expect(timeline.gaps).toEqual([
    {
      witness: 'ss',
      host: 'client',
      reason: 'ss ended with exit code 1',
      from: expect.any(Number),
      to: expect.any(Number),
    },
  ]);
});

test('without the wire log both copies are still joined, and the gap is reported', () => {
  const evidence = recorded();
  const timeline = buildTimeline({ ...evidence, wire: [] });
  expect(timeline.gaps.map(({ witness, host }) => [witness, host])).toEqual([
    ['wire', 'client'],
    ['wire', 'server'],
  ]);
  expect(segments(timeline).slice(0, 3)).toMatchObject(
    [1, 2, 3].map((index) => ({ fate: 'delivered', packet: { client: index, server: index } })),
  );
});

test('a recording that breaks off says so', () => {
  const evidence = recorded();
  const withoutEnd = { ...evidence, api: evidence.api.filter(({ type }) => type !== 'end') };
  expect(buildTimeline(withoutEnd).gaps).toMatchObject([{ witness: 'api' }]);
  expect(
    buildTimeline({ ...withoutEnd, api: [...withoutEnd.api, { type: 'end', t: 9e12, error: 'Waited 1 s' }] }).gaps,
  ).toEqual([{ witness: 'api', reason: 'the script did not come to its end' }]);
});

test('evidence cut or overwritten anywhere gives a valid timeline, the same one each time', () => {
  const evidence = recorded();
  const lines = (records: object[]) => Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const whole = [
    lines(evidence.api),
    lines(evidence.wire),
    Buffer.from(evidence.captures.client),
    Buffer.from(evidence.captures.server),
    Buffer.from(evidence.ss.client),
    Buffer.from(evidence.ss.server),
    Buffer.from(evidence.destroyed.client),
    Buffer.from(evidence.destroyed.server),
    Buffer.from(evidence.counters.client),
    Buffer.from(evidence.counters.server),
  ];
  const harm = fc.record({
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ maxLength: 8 }),
  });
  const damaged = (bytes: Buffer, { cut, at, bytes: over }: { cut: number | null; at: number; bytes: Uint8Array }) => {
    const copy = Buffer.from(bytes.subarray(0, cut === null ? bytes.length : Math.floor(cut * bytes.length)));
    copy.set(over.subarray(0, Math.max(0, copy.length - Math.floor(at * copy.length))), Math.floor(at * copy.length));
    return copy;
  };
  fc.assert(
    fc.property(fc.tuple(harm, harm, harm, harm, harm, harm, harm, harm, harm, harm), (harms) => {
      const files = whole.map((file, index) => damaged(file, harms[index] as (typeof harms)[0]));
      const text = (index: number) => (files[index] as Buffer).toString();
      const [api, wire] = [readApiLog(text(0)), readWireLog(text(1))];
      const harmed: Evidence = {
        ...evidence,
        api: api.records,
        wire: wire.records,
        captures: ofTwo({ client: files[2] as Buffer, server: files[3] as Buffer }),
        ss: ofTwo({ client: text(4), server: text(5) }),
        destroyed: ofTwo({ client: text(6), server: text(7) }),
        counters: ofTwo({ client: text(8), server: text(9) }),
        gaps: [...api.gaps, ...wire.gaps],
      };
      const timeline = buildTimeline(harmed);
      expect(schema.parse(timeline)).toEqual(timeline);
      expect(buildTimeline(harmed)).toStrictEqual(timeline);
    }),
    { numRuns: 300 },
  );
});
