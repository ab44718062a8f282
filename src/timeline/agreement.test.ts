import { expect, test } from 'vitest';
import type { ApiRecord } from '../record/api-records.ts';
import { ofTwo } from '../record/fixtures/of-two.ts';
import type { WireRecord } from '../record/wire-records.ts';
import { buildTimeline } from './build.ts';
import type { Evidence } from './evidence.ts';
import { both, client, server, shakeHands, startRecording } from './fixtures/recording.ts';

/** A handshake, a write, a reset; each delivery in lockstep with its samples. */
const recorded = (): Evidence => {
  const recording = startRecording();
  const { step, call, send, sample } = recording;
  shakeHands(recording);
  step('write');
  call('client', { api: 'write', target: 'socket-1', local: client, remote: server, args: ['hello'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  send('server', { flags: '.', seq: 1, ack: 6 });
  sample(both('ESTAB', 'ESTAB'));
  recording.inject('client', { flags: 'R.', seq: 6, ack: 1 });
  sample(both('ESTAB', undefined));
  return recording.end();
};

const reasons = (evidence: Evidence) => buildTimeline(evidence).gaps.map(({ reason }) => reason);
const withoutSome = <R>(records: R[], isGone: (record: R) => boolean): R[] => records.filter((one) => !isGone(one));
const editWire = (evidence: Evidence, edit: (records: WireRecord[]) => WireRecord[]) =>
  reasons({ ...evidence, wire: edit(structuredClone(evidence.wire)) });
const editApi = (evidence: Evidence, edit: (records: ApiRecord[]) => ApiRecord[]) =>
  reasons({ ...evidence, api: edit(structuredClone(evidence.api)) });
const lastPacketCut = (pcap: Uint8Array): Uint8Array => {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  let last = 24;
  for (let at = last; at < pcap.length; at += 16 + view.getUint32(at + 8, true)) last = at;
  return pcap.subarray(0, last);
};

test('witnesses that agree leave no gap', () => {
  expect(reasons(recorded())).toEqual([]);
});

test('captures that are exchanged: segments arrive before they are sent', () => {
  const evidence = recorded();
  const { captures } = evidence;
  expect(reasons({ ...evidence, captures: ofTwo({ client: captures.server, server: captures.client }) })).toEqual(
    expect.arrayContaining([
      'the captures show 5 segments arriving before being sent: client.pcap and server.pcap are exchanged, or not of one run',
    ]),
  );
});

test('the last packet gone from both captures and from the wire: tcpdump had counted it', () => {
  const evidence = recorded();
  const { captures, wire } = evidence;
  const last = Math.max(...wire.flatMap((record) => ('frame' in record ? [record.frame] : [])));
  const found = reasons({
    ...evidence,
    wire: withoutSome(wire, (record) => 'frame' in record && record.frame === last),
    captures: ofTwo({ client: captures.client, server: lastPacketCut(captures.server) }),
  });
  // ss as well: nothing is left of what ended the server's socket.
  expect(found).toEqual([
    'server.pcap holds 5 packets, and tcpdump counted 6',
    expect.stringMatching(/^in 1 sample ss shows no socket where by its segments the server had one/),
  ]);
});

test('a packet whose time is not that of its delivery, and one that stands in another place', () => {
  const evidence = recorded();
  const moved = Buffer.from(evidence.captures.server);
  moved.writeUInt32LE(moved.readUInt32LE(24) - 5, 24);
  expect(reasons({ ...evidence, captures: { ...evidence.captures, server: moved } })).toEqual([
    'the captures show 1 segment arriving before being sent: client.pcap and server.pcap are exchanged, or not of one run',
    'the times of 1 packet of server.pcap are not those at which the wire took or gave them',
  ]);
});

test('frames and operations of the wire are numbered without a hole, and each frame has one life', () => {
  const evidence = recorded();
  const isOf = (type: WireRecord['type'], frame: number) => (record: WireRecord) =>
    record.type === type && 'frame' in record && record.frame === frame;
  const reread = (edit: (records: WireRecord[]) => WireRecord[]) => editWire(evidence, edit);
  expect(reread((all) => withoutSome(all, isOf('read', 2)))).toContain('wire.ndjson goes from frame 1 to frame 3');
  expect(reread((all) => withoutSome(all, isOf('read', 2)))).toContain(
    'by wire.ndjson frame 2 has a fate, and was never read',
  );
  expect(reread((all) => withoutSome(all, ({ type }) => type === 'operation'))).toContain(
    'by wire.ndjson frame 1 was treated by operation 1, which was never asked for',
  );
  expect(reread((all) => withoutSome(all, isOf('release', 1)))).toContain(
    'by wire.ndjson frame 1 had one fate (hold) and then another (deliver)',
  );
  expect(reread((all) => withoutSome(all, isOf('deliver', 4)))).toContain(
    'wire.ndjson does not say what became of frame 4',
  );
  expect(reread((all) => all.map((one) => (isOf('deliver', 4)(one) ? { ...one, t: 0 } : one) as WireRecord))).toContain(
    'the times in wire.ndjson go backwards at a record of type deliver',
  );
  expect(
    reread((all) => all.map((one) => (one.type === 'make' ? { ...one, origin: 'replay' } : one) as WireRecord)),
  ).toContain('frame 6, which the wire made, is not the one wire.ndjson describes');
});

test('samples are numbered, follow one another and are of their host', () => {
  const evidence = recorded();
  const { ss } = evidence;
  const parts = ss.client.split(/^(?=# sample )/m);
  const last = parts.length;
  expect(reasons({ ...evidence, ss: { ...ss, client: parts.toSpliced(2, 1).join('') } })).toContain(
    'ss-client.txt goes from sample 2 to sample 4',
  );
  const exchanged = parts.toSpliced(2, 2, parts[3] as string, parts[2] as string).join('');
  expect(reasons({ ...evidence, ss: { ...ss, client: exchanged } })).toContain(
    'by ss-client.txt sample 3 was taken before the one that stands before it had ended',
  );
  expect(reasons({ ...evidence, ss: ofTwo({ client: ss.server, server: ss.client }) })).toContain(
    'sample 2 of ss-client.txt shows a socket of the server',
  );
  const both = (text: string) =>
    text
      .split(/^(?=# sample )/m)
      .slice(0, 4)
      .join('');
  const counts = { api: evidence.api.length - 1, wire: 0, samples: ofTwo({ client: last, server: last }) };
  const counted = evidence.api.map((one) => (one.type === 'end' ? { ...one, counts } : one));
  expect(reasons({ ...evidence, api: counted })).toEqual([]);
  expect(
    reasons({ ...evidence, api: counted, ss: ofTwo({ client: both(ss.client), server: both(ss.server) }) }),
  ).toEqual([
    `ss-client.txt holds 4 samples, and ${last} were taken`,
    `ss-server.txt holds 4 samples, and ${last} were taken`,
  ]);
});

test('in lockstep every delivery has its samples, and every sample its delivery', () => {
  const recording = startRecording();
  const look = (reason: string) => recording.sample(both('ESTAB', 'ESTAB'), { reason });
  const held = recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'x' }, 'hold');
  look('before frame 1');
  const evidence = () => ({ ...recording.end(), plan: { ...recording.end().plan, wireMode: 'lockstep' as const } });
  expect(reasons(evidence())).toEqual([]);
  recording.release(held, 'server');
  const missing = (host: string) =>
    `in lockstep, and ss-${host}.txt has no sample before and after frame 1, the first of 1 looked for`;
  expect(reasons(evidence())).toEqual([missing('client'), missing('server')]);
  look('after frame 1');
  expect(reasons(evidence())).toEqual([]);
  look('after frame 2');
  expect(reasons(evidence())).toContain('ss was run for the delivery of frame 2, of which wire.ndjson says nothing');
});

test('what was held in lockstep and let go in free run has a sample before it, and need have none after', () => {
  const recording = startRecording();
  const held = recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'x' }, 'hold');
  recording.sample(both('ESTAB', 'ESTAB'), { reason: 'before frame 1' });
  recording.operation('freeRun');
  recording.release(held, 'server');
  const { plan, ...rest } = recording.end();
  const lockstep = { ...rest, plan: { ...plan, wireMode: 'lockstep' as const } };
  expect(reasons(lockstep)).toEqual([]);
  const unlooked = { ...lockstep, ss: ofTwo({ client: '', server: '' }) };
  expect(reasons(unlooked)).toContain(
    'in lockstep, and ss-client.txt has no sample before and after frame 1, the first of 1 looked for',
  );
});

test('a script that was played on a machine that lacked what it needs', () => {
  const evidence = recorded();
  const lacks: ApiRecord = { type: 'stage', t: evidence.api[1]?.t ?? 0, edge: 'lacks', text: 'go is not there' };
  expect(editApi(evidence, (all) => all.toSpliced(1, 0, lacks))).toEqual([
    'by api.ndjson the machine lacked what the experiment needs, and its script was played',
  ]);
});

test('the log of the calls: numbered steps, a call for each return, a start for each end', () => {
  const evidence = recorded();
  const reread = (edit: (records: ApiRecord[]) => ApiRecord[]) => editApi(evidence, edit);
  const isStep = (record: ApiRecord, step: number) => record.type === 'step' && record.step === step;
  expect(reread((all) => withoutSome(all, (one) => isStep(one, 2)))).toEqual(['api.ndjson goes from step 1 to step 3']);
  expect(reread((all) => withoutSome(all, (one) => one.type === 'call'))).toContain(
    'by api.ndjson the call server:1 returned and was never made',
  );
  expect(
    reread((all) => [...all.slice(0, 3), ...all.filter(({ type }) => type === 'return').slice(0, 1), ...all.slice(3)]),
  ).toContain('by api.ndjson the call server:1 returned twice');
  const t = evidence.api.at(-1)?.t ?? 0;
  const process = (edge: 'start' | 'exit' | 'descendants-ended', orphans?: number): ApiRecord => ({
    ...({ type: 'process', t, host: 'client', process: 'nc', edge } as const),
    ...(orphans && { orphans }),
  });
  expect(reread((all) => [...all, process('exit')])).toEqual(['by api.ndjson nc exits and never started']);
  expect(reread((all) => [...all, process('start'), process('exit'), process('exit')])).toEqual([
    'by api.ndjson nc exits after its end',
  ]);
  const left = [process('start'), process('exit', 1), process('descendants-ended')];
  expect(reread((all) => [...all, ...left])).toEqual([]);
  expect(reread((all) => [...all, process('start'), process('exit'), process('descendants-ended')])).toEqual([
    'by api.ndjson what nc had left behind ended, and it had left nothing',
  ]);
  expect(reread((all) => [{ type: 'stage', t: 0, edge: 'begin', text: 'one' }, ...all])).toContain(
    "by api.ndjson the script came to its end in the middle of the stage 'one'",
  );
  const own = (number: number): ApiRecord =>
    ({ ...evidence.api.find(({ type }) => type === 'call'), t, call: `client:own${number}` }) as ApiRecord;
  expect(reread((all) => [...all, own(1), own(3)])).toEqual(['api.ndjson goes from call 1 of client to call 3']);
});

test('what is from another run lies outside of this one', () => {
  const evidence = recorded();
  const earlier = { ...evidence, plan: { ...evidence.plan, clockStart: (evidence.plan.clockStart ?? 0) + 1e6 } };
  expect(reasons(earlier)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^api.ndjson holds \d records from before the run/)]),
  );
});

test('what the log of the calls says twice is the same both times', () => {
  const evidence = recorded();
  const t = evidence.api.at(-1)?.t ?? 0;
  const app = { host: 'client', process: 'app' } as const;
  const emit = (name: string, target: string, more: object = {}): ApiRecord => ({
    type: 'emit',
    t,
    ...app,
    target,
    name,
    ...more,
  });
  const call = (api: string): ApiRecord =>
    ({ type: 'call', t, call: 'app:4', step: 4, ...app, via: 'node', by: 'script', api, args: [] }) as const;
  const saying = (...more: ApiRecord[]) =>
    editApi(evidence, (all) => [
      ...all,
      { type: 'process', t, ...app, edge: 'start' },
      { type: 'step', t, step: 4, what: 'app: socket-1.end' },
      ...more,
    ]).filter((reason) => !reason.includes('and the call is not there'));
  expect(saying(call('end'))).toEqual([]);
  expect(saying(call('destroy'))).toEqual(['by api.ndjson step 4 is "app: socket-1.end", and its call is destroy']);
  expect(saying({ ...emit('end', 'socket-1'), host: 'server' } as ApiRecord)).toEqual([
    'by api.ndjson app is a process of the client, and did something on the server',
  ]);
  expect(saying(emit('data', 'socket-1', { bytes: 5, text: 'hällo' }))).toEqual([
    'by api.ndjson a program read a text and a number of bytes that are not those of the text',
  ]);
  expect(saying(emit('data', 'socket-1', { bytes: 6, text: 'hällo' }))).toEqual([]);
  expect(saying(emit('data', 'server-1'))).toEqual([
    "by api.ndjson server-1 of app emitted 'data', which it cannot have",
  ]);
  expect(saying(emit('close', 'socket-1', { detail: { hadError: true } }))).toEqual([
    'by api.ndjson socket-1 of app closed with an error that it never emitted',
  ]);
  expect(saying(emit('error', 'socket-1'), emit('close', 'socket-1', { detail: { hadError: false } }))).toEqual([
    'by api.ndjson socket-1 of app emitted an error and closed without one',
  ]);
});

test('counters of the other host, or of another run: they were not read while ss ran', () => {
  const evidence = recorded();
  const { client: ofClient, server: ofServer } = evidence.counters;
  const found = reasons({ ...evidence, counters: ofTwo({ client: ofServer, server: ofClient }) });
  expect(found).toEqual([
    expect.stringMatching(/^counters-client.ndjson holds \d+ readings from outside of the samples of ss/),
  ]);
});

test('segments received, or resets sent, that only the kernel has counted', () => {
  const withCounter = (name: string, by: number, isProgram = false) => {
    const recording = startRecording();
    recording.sample(both(undefined, undefined));
    if (isProgram) recording.record({ type: 'process', host: 'client', process: 'nc', edge: 'start', command: 'nc' });
    shakeHands(recording);
    recording.count('client', name, by);
    recording.sample(both('ESTAB', 'ESTAB'));
    return reasons(recording.end());
  };
  expect(withCounter('Tcp.InSegs', 1)).toEqual([]);
  expect(withCounter('Tcp.InSegs', 2)).toEqual([
    'by its counters the client has received 2 segments, and client.pcap holds 1',
  ]);
  expect(withCounter('Tcp.OutRsts', 1)).toEqual([
    'by its counters the client has sent 1 reset, and client.pcap holds 0',
  ]);
  // A program may have talked to itself.
  expect(withCounter('Tcp.OutRsts', 1, true)).toEqual([]);
});

test('a state that only an arrival leads to, and no arrival that can have', () => {
  const closed = (ack: number) => {
    const recording = startRecording();
    shakeHands(recording);
    recording.sample(both('ESTAB', 'ESTAB'));
    recording.call('client', { api: 'end', local: client, remote: server });
    recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
    recording.sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
    recording.send('server', { flags: '.', seq: 1, ack });
    recording.sample(both('FIN-WAIT-2', 'CLOSE-WAIT'));
    return reasons(recording.end());
  };
  expect(closed(2)).toEqual([]);
  expect(closed(1)).toEqual([
    'by ss 1 socket of the client went to FIN-WAIT-2, and client.pcap holds no segment that acknowledges its FIN by then',
  ]);
});

test('a socket that is CLOSED and begins again was not left out by ss; one that nobody has begun again was', () => {
  const seen = (api: string) => {
    const recording = startRecording();
    const listening = { client: [], server: [{ state: 'LISTEN', peer: { address: '0.0.0.0', port: 0 } }] };
    recording.sample(listening);
    const text = () => recording.end().ss.server;
    const before = text();
    recording.sample({ client: [], server: [] });
    recording.call('server', { api, via: 'raw', args: [3] });
    recording.sample(listening);
    const evidence = recording.end();
    const cookie = /sk:\w+/.exec(before)?.[0] ?? '';
    const ss = { ...evidence.ss, server: evidence.ss.server.replaceAll(/sk:\w+/g, cookie) };
    return reasons({ ...evidence, ss });
  };
  expect(seen('listen')).toEqual([]);
  expect(seen('getsockopt')).toEqual([
    'sample 2 of ss-server.txt lacks a socket that the samples before and after it show',
  ]);
});

test('an error whose message names another code, and a call that gives what it cannot', () => {
  const { record, call, end } = startRecording();
  const socket = { type: 'emit', host: 'client', process: 'client', target: 'socket-1' } as const;
  record({ ...socket, name: 'error', code: 'ETIMEDOUT', detail: { message: 'read ETIMEDOUT' } });
  call('client', { api: 'close', via: 'raw', args: [3], returns: 0 });
  const evidence = end();
  expect(reasons(evidence).filter((reason) => /code|cannot have/.test(reason))).toEqual([]);
  const edited = editApi(evidence, (records) =>
    records.map((one) => {
      if (one.type === 'return') return { ...one, value: 3 };
      return one.type === 'emit' ? { ...one, code: 'EPIPE' } : one;
    }),
  );
  expect(edited).toEqual(
    expect.arrayContaining([
      'by api.ndjson a socket emitted an error whose message names another code',
      'by api.ndjson close() gave 3, which it cannot have',
    ]),
  );
});
