import { expect, test } from 'vitest';
import { buildTimeline } from './build.ts';
import { both, client, isn, server, shakeHands, startRecording } from './fixtures/recording.ts';
import { because, segments, states } from './fixtures/telling.ts';
import { violations } from './invariants/invariants.ts';
import { timeline as schema } from './schema.ts';

const close = () => {
  const recording = startRecording();
  const { step, call, send, sample } = recording;
  shakeHands(recording);
  recording.stage('begin', 'closing');
  step('end');
  call('client', { api: 'end', target: 'socket-1', local: client, remote: server });
  call('client', { api: 'shutdown', by: 'node', target: 'socket-1', local: client, remote: server });
  send('client', { flags: 'F.', seq: 1, ack: 1 });
  sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  send('server', { flags: '.', seq: 1, ack: 2 });
  sample(both('FIN-WAIT-2', 'CLOSE-WAIT'));
  recording.record({
    type: 'emit',
    host: 'server',
    process: 'server',
    target: 'socket-1',
    name: 'end',
    local: server,
    remote: client,
  });
  call('server', { api: 'shutdown', by: 'node', target: 'socket-1', local: server, remote: client });
  const fin = send('server', { flags: 'F.', seq: 1, ack: 2 }, 'hold');
  sample(both('FIN-WAIT-2', 'LAST-ACK'));
  recording.release(fin, 'client');
  send('client', { flags: '.', seq: 2, ack: 2 });
  sample(both({ state: 'TIME-WAIT', timer: 'timewait,200ms,0' }));
  recording.stage('end', 'closing');
  recording.after(500);
  sample(both());
  return recording;
};

test('a handshake and a close: both copies of a segment are one event, with the cause of each', () => {
  const timeline = buildTimeline(close().end());
  expect(schema.parse(timeline)).toEqual(timeline);
  expect(timeline.gaps).toEqual([]);
  expect(timeline.connections).toEqual([
    { number: 0, client, server, opener: 'client', isn, begin: segments(timeline)[0]?.at },
  ]);
  expect(segments(timeline).map((event) => `${event.from} ${event.text} <= ${because(timeline, event)}`)).toEqual([
    'client S 0:0(0) <= script client.connect',
    'server S. 0:0(0) ack 1 <= client S 0:0(0)',
    'client . 1:1(0) ack 1 <= server S. 0:0(0) ack 1',
    'client F. 1:1(0) ack 1 <= script client.end',
    'server . 1:1(0) ack 2 <= client F. 1:1(0) ack 1',
    'server F. 1:1(0) ack 2 <= node server.shutdown',
    'client . 2:2(0) ack 2 <= server F. 1:1(0) ack 2',
  ]);
  for (const event of segments(timeline)) {
    expect(event.receivedAt).toBeGreaterThan(event.sentAt as number);
    expect(event).toMatchObject({ fate: 'delivered', origin: 'host', checksumOk: true });
  }
  expect(segments(timeline).map(({ packet }) => [packet.client, packet.server])).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((index) => [index, index]),
  );
});

test('every state of both ends, with its cause, its span and its dwell time', () => {
  const timeline = buildTimeline(close().end());
  const told = (host: string) =>
    states(timeline, host).map((event) => `${event.from} ${event.to} <= ${because(timeline, event)}`);
  expect(told('client')).toEqual([
    'CLOSED SYN-SENT <= script client.connect',
    'SYN-SENT ESTABLISHED <= server S. 0:0(0) ack 1',
    'ESTABLISHED FIN-WAIT-1 <= script client.end',
    'FIN-WAIT-1 FIN-WAIT-2 <= server . 1:1(0) ack 2',
    'FIN-WAIT-2 TIME-WAIT <= server F. 1:1(0) ack 2',
    `TIME-WAIT CLOSED <= timer timewait in ${timeline.samples.findLast(({ rows }) => rows.some(({ state }) => state === 'TIME-WAIT'))?.id}`,
  ]);
  expect(told('server')).toEqual([
    'CLOSED LISTEN <= script server.listen',
    'CLOSED SYN-RECEIVED <= client S 0:0(0)',
    'SYN-RECEIVED ESTABLISHED <= client . 1:1(0) ack 1',
    'ESTABLISHED CLOSE-WAIT <= client F. 1:1(0) ack 1',
    'CLOSE-WAIT LAST-ACK <= node server.shutdown',
    'LAST-ACK CLOSED <= client . 2:2(0) ack 2',
  ]);
  for (const host of ['client', 'server']) {
    for (const { at, between } of states(timeline, host)) {
      expect(at).toBeGreaterThanOrEqual(between[0]);
      expect(at).toBeLessThanOrEqual(between[1]);
    }
  }
  const [timeWait, gone] = states(timeline, 'client').slice(-2);
  expect(timeWait?.dwell).toBe((gone?.at as number) - (timeWait?.at as number));
  // Not the moment it was missed, but the earliest at which its timer can have run out.
  expect((gone?.at as number) / 1e6 - (timeWait?.at as number) / 1e6).toBeLessThan(210);
  expect(gone?.dwell).toBeUndefined();
  expect(new Set(states(timeline, 'client').map(({ socket }) => socket)).size).toBe(1);
});

test('events are in order of time, numbered, and belong to their step and stage', () => {
  const { events } = buildTimeline(close().end());
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => `e${index + 1}`));
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((a, b) => a - b));
  const fin = events.find((event) => event.kind === 'segment' && event.flags === 'F.');
  expect(fin).toMatchObject({ step: 3, stage: 'closing' });
  expect(events.find((event) => event.kind === 'segment')).toMatchObject({ step: 2 });
  expect(events.find((event) => event.kind === 'segment')?.stage).toBeUndefined();
});

test('calls and emitted events know their connection, also where they did not say it', () => {
  const recording = startRecording();
  const { step, call, send } = recording;
  step('connect');
  call('client', { api: 'connect', args: [{ host: server.address, port: server.port }] });
  send('client', { flags: 'S' });
  send('server', { flags: 'R.', ack: 1, absolute: false, seq: -isn.server });
  recording.record({
    type: 'emit',
    host: 'client',
    process: 'client',
    target: 'socket-1',
    name: 'error',
    code: 'ECONNREFUSED',
    local: client,
    remote: server,
  });
  call('client', { api: 'setNoDelay', target: 'socket-1' });
  const timeline = buildTimeline(recording.end());
  expect(timeline.events.filter(({ kind }) => kind === 'call' || kind === 'emit')).toMatchObject([
    { api: 'connect', connection: 0, local: client, remote: server },
    { name: 'error', connection: 0 },
    { api: 'setNoDelay', connection: 0, local: client },
  ]);
  expect(segments(timeline).map((event) => because(timeline, event))).toEqual([
    'script client.connect',
    'client S 0:0(0)',
  ]);
});

test('a second connect() on one descriptor belongs to the pair of its own SYN, and so does what follows on the descriptor', () => {
  const recording = startRecording();
  const { step, call, send } = recording;
  const raw = { via: 'raw' as const, target: 'fd 5' };
  const stale = { local: client, remote: { ...server, port: 1 } };
  const refuse = (port: number, known = {}) => {
    step('connect');
    const ports: [number, number] = [client.port + port, port];
    const note = { api: 'connect', args: [5, port, server.address], errno: 'ECONNREFUSED', ...raw, ...known };
    call('client', note, () => {
      send('client', { flags: 'S', ports });
      send('server', { flags: 'R.', ack: 1, ports, absolute: false, seq: -isn.server });
    });
  };
  refuse(1);
  call('client', { api: 'getsockopt', args: [5], ...raw });
  refuse(2, stale);
  call('client', { api: 'setsockopt', args: [5], ...raw });
  call('client', { api: 'connect', args: [5, 3, server.address], errno: 'EALREADY', ...raw });
  call('client', { api: 'close', args: [5], ...raw });
  const timeline = buildTimeline(recording.end());
  const calls = timeline.events.filter((event) => event.kind === 'call');
  expect(calls.map(({ api, connection, remote }) => `${api} ${connection} ${remote?.port}`)).toEqual([
    'connect 0 1',
    'getsockopt 0 1',
    'connect 1 2',
    'setsockopt 1 2',
    'connect 1 2',
    'close 1 2',
  ]);
  expect(
    segments(timeline)
      .filter(({ flags }) => flags === 'S')
      .map((event) => event.cause),
  ).toEqual([calls[0], calls[2]].map((one) => ({ kind: 'call', event: one?.id })));
  expect(violations(timeline)).toEqual([]);
});

test('the same evidence gives the same timeline, and it survives JSON', () => {
  const evidence = close().end();
  const timeline = buildTimeline(evidence);
  expect(buildTimeline(evidence)).toStrictEqual(timeline);
  expect(JSON.parse(JSON.stringify(timeline))).toStrictEqual(timeline);
});

test('a timer that ends a state ends it when all samples of it say, not when a slow one began', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.step('destroy');
  recording.call('client', { api: 'close', by: 'node', target: 'socket-1', local: client, remote: server });
  recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
  recording.send('server', { flags: '.', seq: 1, ack: 2 });
  const waiting = (left: string) => both({ state: 'FIN-WAIT-2', timer: `timewait,${left},0`, inode: 0 }, 'CLOSE-WAIT');
  const begun = recording.now();
  recording.sample(waiting('2sec'));
  recording.after(1000);
  const left = Math.round(2000 - (recording.now() + 80 - begun)); // ss came to read after 80 ms
  recording.sample(waiting(`${left}ms`), { takes: 90 });
  recording.after(1000);
  recording.sample(both(undefined, 'CLOSE-WAIT'));
  const dwell = states(buildTimeline(recording.end()), 'client').find(({ to }) => to === 'FIN-WAIT-2')?.dwell;
  expect((dwell ?? 0) / 1e6).toBeGreaterThan(1995);
  expect((dwell ?? 0) / 1e6).toBeLessThan(2010);
});
