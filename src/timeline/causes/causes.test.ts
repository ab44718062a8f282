import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { both, client, server, shakeHands, startRecording } from '../fixtures/recording.ts';
import { segments, tellSegments, tellStates } from '../fixtures/telling.ts';
import { violations } from '../invariants/invariants.ts';

const addresses = {
  client: { target: 'socket-1', local: client, remote: server },
  server: { target: 'socket-1', local: server, remote: client },
};

/** After a handshake; what is told leaves its three segments out. */
const begin = (how: { isDriven?: boolean } = {}) => {
  const recording = startRecording();
  shakeHands(recording, how);
  const tell = () => {
    const timeline = buildTimeline(recording.end());
    expect(timeline.gaps).toEqual([]);
    return { timeline, told: tellSegments(timeline).slice(3) };
  };
  return { ...recording, tell };
};

test('a dropped segment is sent again by the retransmission timer, which ss showed armed', () => {
  const { step, call, send, sample, count, after, release, tell } = begin();
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['hello'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' }, 'drop');
  sample(both({ state: 'ESTAB', timer: 'on,200ms,0', sendQ: 5, info: 'rto:204 segs_out:3 unacked:1' }, 'ESTAB'));
  after(201);
  count('client', 'TcpExt.TCPTimeouts');
  const copy = send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' }, 'hold');
  sample(both({ state: 'ESTAB', timer: 'on,400ms,1', sendQ: 5, info: 'rto:408 backoff:1 segs_out:4' }, 'ESTAB'));
  release(copy, 'server');
  send('server', { flags: '.', seq: 1, ack: 6 });
  const { timeline, told } = tell();
  expect(told).toEqual([
    'client P. 1:6(5) ack 1 dropped <= script client.write',
    'client P. 1:6(5) ack 1 retransmission <= timer on in s13',
    'server . 1:1(0) ack 6 <= client P. 1:6(5) ack 1',
  ]);
  const [, , , first, again] = segments(timeline);
  expect(again?.retransmissionOf).toBe(first?.id);
  expect(first?.receivedAt).toBeUndefined();
  expect(timeline.samples.find(({ id }) => id === 's13')).toMatchObject({
    host: 'client',
    rows: [{ timer: { name: 'on' } }],
  });
});

/** A lost segment, what ss showed before and after it was sent again, and when that was; gives the cause of the copy. */
const sendAgain = (
  { before, after: afterwards }: { before?: Row; after?: Row },
  { milliseconds = 201, lost = ['hello'], again = 0, counter = '', withSack = false } = {},
) => {
  const { call, send, sample, count, after, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: lost });
  const seqs = lost.map((_, index) => 1 + lost.slice(0, index).join('').length);
  for (const [index, payload] of lost.entries())
    send('client', { flags: 'P.', seq: seqs[index], ack: 1, payload }, 'drop');
  if (withSack) send('server', { flags: '.', seq: 1, ack: 1, sack: [6, 11] });
  if (before) sample(both({ state: 'ESTAB', ...before }, 'ESTAB'));
  after(milliseconds);
  if (counter) count('client', counter);
  send('client', { flags: 'P.', seq: seqs[again], ack: 1, payload: lost[again] }, 'drop');
  if (afterwards) sample(both({ state: 'ESTAB', ...afterwards }, 'ESTAB'));
  const { timeline } = tell();
  return segments(timeline).at(-1)?.cause;
};
type Row = { timer?: string; sendQ?: number; info?: string };
const waiting = { timer: 'on,200ms,0', sendQ: 5, info: 'rto:204 segs_out:3 unacked:1' };

test('a tail loss probe backs nothing off, and is no timeout', () => {
  const probed = { timer: 'on,200ms,0', sendQ: 5, info: 'rto:204 segs_out:4 unacked:1 retrans:0/1' };
  // What the counter says by itself, ss says as well where two timers ran.
  expect(sendAgain({ before: waiting, after: probed }, { counter: 'TcpExt.TCPLossProbes' })).toEqual({
    kind: 'timer',
    timer: 'tail-loss-probe',
    sample: 's13',
  });
});

test('what looks like a probe and was not counted as one was sent by another timer, that for reordering', () => {
  const probed = { timer: 'on,200ms,0', sendQ: 5, info: 'rto:204 segs_out:4 unacked:1 retrans:0/1' };
  expect(sendAgain({ before: waiting, after: probed })).toMatchObject({ timer: 'retransmission' });
});

test('the kernel counts what the timer for reordering sends again, but also what waited for its turn because the socket paces', () => {
  const counter = 'TcpExt.TCPFastRetrans';
  const at = (pacing_rate: string, withSack = true) =>
    sendAgain(
      { before: { ...waiting, info: `${waiting.info} bbr:(bw:1000bps) pacing_rate ${pacing_rate}` }, after: waiting },
      { counter, milliseconds: 40, withSack },
    );
  expect(at('1000000bps')).toMatchObject({ timer: 'reordering' });
  expect(at('100000bps')).toMatchObject({ timer: 'retransmission' });
  // Without SACK there is no such timer.
  expect(at('1000000bps', false)).toMatchObject({ timer: 'fast-retransmission' });
});

test('what is sent again at once after other data is sent by no timer for losses', () => {
  const { call, send, after, count, sample, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: ['lost', 'more'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' }, 'drop');
  send('client', { flags: 'P.', seq: 5, ack: 1, payload: 'more' });
  sample(both({ state: 'ESTAB', ...waiting }, 'ESTAB'));
  send('server', { flags: '.', seq: 1, ack: 1, sack: [5, 9] });
  after(30);
  count('client', 'TcpExt.TCPFastRetrans');
  send('client', { flags: 'P.', seq: 9, ack: 1, payload: 'new' });
  after(0.5);
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' });
  sample(both({ state: 'ESTAB', ...waiting }, 'ESTAB'));
  expect(segments(tell().timeline).at(-1)?.cause).toEqual({ kind: 'timer', timer: 'fast-retransmission' });
});

test('where ss did not look in between, or the answer had come, nothing tells which timer it was', () => {
  const answered = { info: 'rto:204 segs_out:4 retrans:0/1 bytes_acked:6' };
  for (const rows of [{}, { before: waiting }, { before: waiting, after: answered }])
    expect(sendAgain(rows)).toMatchObject({ kind: 'timer', timer: 'retransmission' });
});

test('what is sent again before the timeout can run out is a probe', () => {
  expect(sendAgain({ before: waiting }, { milliseconds: 100 })).toMatchObject({ timer: 'tail-loss-probe' });
});

test('of several segments in flight the timeout sends the first again, the probe the last', () => {
  const lost = ['one', 'two', 'three'];
  expect(sendAgain({}, { lost, again: 0 })).toMatchObject({ timer: 'on' });
  expect(sendAgain({}, { lost, again: 1 })).toMatchObject({ timer: 'retransmission' });
  expect(sendAgain({}, { lost, again: 2 })).toMatchObject({ timer: 'tail-loss-probe' });
});

test('the second time in a row without an answer it is the timeout', () => {
  const { call, send, after, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: ['hello'] });
  for (let round = 0; round < 3; round++) {
    send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' }, 'drop');
    after(210);
  }
  expect(tell().told.slice(1)).toEqual([
    'client P. 1:6(5) ack 1 retransmission dropped <= timer retransmission',
    'client P. 1:6(5) ack 1 retransmission dropped <= timer on',
  ]);
});

test('a retransmission made while an arrival is processed answers that arrival', () => {
  const { step, call, send, tell } = begin();
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['hello'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' }, 'drop');
  send('client', { flags: 'P.', seq: 6, ack: 1, payload: ' world' });
  send('server', { flags: '.', seq: 1, ack: 1 });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  const { told } = tell();
  expect(told.slice(1)).toEqual([
    'client P. 6:12(6) ack 1 <= script client.write',
    'server . 1:1(0) ack 1 <= client P. 6:12(6) ack 1',
    'client P. 1:6(5) ack 1 retransmission <= server . 1:1(0) ack 1',
  ]);
});

test('keepalive: probe, answer, and the reset that gives up', () => {
  const { send, sample, count, after, tell } = begin();
  sample(both({ state: 'ESTAB', timer: 'keepalive,500ms,0' }, 'ESTAB'));
  after(510);
  count('client', 'TcpExt.TCPKeepAlive');
  send('client', { flags: '.', seq: 0, ack: 1 });
  send('server', { flags: '.', seq: 1, ack: 1 });
  sample(both({ state: 'ESTAB', timer: 'keepalive,500ms,0' }, 'ESTAB'));
  after(510);
  count('client', 'TcpExt.TCPKeepAlive');
  send('client', { flags: '.', seq: 0, ack: 1 }, 'drop');
  sample(both({ state: 'ESTAB', timer: 'keepalive,500ms,1' }, 'ESTAB'));
  after(510);
  count('client', 'TcpExt.TCPAbortOnTimeout');
  send('client', { flags: 'R.', seq: 1, ack: 1 }, 'drop');
  sample(both(undefined, 'ESTAB'));
  const { timeline, told } = tell();
  expect(told).toEqual([
    'client . 0:0(0) ack 1 keepalive-probe <= timer keepalive in s13',
    'server . 1:1(0) ack 1 keepalive-answer <= client . 0:0(0) ack 1',
    'client . 0:0(0) ack 1 keepalive-probe dropped <= timer keepalive in s15',
    'client R. 1:1(0) ack 1 dropped <= timer keepalive in s17',
  ]);
  expect(tellStates(timeline, 'client').at(-1)).toBe('ESTABLISHED CLOSED <= timer keepalive in s17');
});

test('a reset after an unanswered keepalive probe is not the timer’s, whose time had not come, or when no giving up was counted', () => {
  const reset = ({ counter = '', timer = '500ms' }) => {
    const { send, sample, count, call, after, tell } = begin();
    sample(both({ state: 'ESTAB', timer: 'keepalive,500ms,0' }, 'ESTAB'));
    after(510);
    send('client', { flags: '.', seq: 0, ack: 1 }, 'drop');
    sample(both({ state: 'ESTAB', timer: `keepalive,${timer},1` }, 'ESTAB'));
    after(510);
    call('client', { api: 'close', ...addresses.client });
    after(10);
    if (counter) count('client', counter);
    send('client', { flags: 'R.', seq: 1, ack: 1 });
    sample(both(undefined, undefined));
    return tell().told.at(-1);
  };
  expect(reset({ counter: 'TcpExt.TCPAbortOnTimeout' })).toBe('client R. 1:1(0) ack 1 <= timer keepalive in s15');
  expect(reset({ counter: 'TcpExt.TCPAbortOnClose' })).not.toContain('timer');
  expect(reset({ counter: 'TcpExt.TCPAbortOnTimeout', timer: '19sec' })).not.toContain('timer');
});

test('a full window: probe, its answer, the update after a read', () => {
  const { step, call, send, sample, count, after, tell } = begin();
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['full'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'full' });
  send('server', { flags: '.', seq: 1, ack: 5, window: 0 });
  sample(both({ state: 'ESTAB', timer: 'persist,200ms,0', sendQ: 3, info: 'cubic notsent:3' }, 'ESTAB'));
  after(205);
  count('client', 'TcpExt.TCPWinProbe');
  send('client', { flags: '.', seq: 4, ack: 1 });
  send('server', { flags: '.', seq: 1, ack: 5, window: 0 });
  step('recv');
  call('server', { api: 'recv', ...addresses.server });
  sample(both({ state: 'ESTAB', timer: 'persist,400ms,0', sendQ: 3, info: 'cubic notsent:3' }, 'ESTAB'));
  send('server', { flags: '.', seq: 1, ack: 5, window: 500 });
  send('client', { flags: 'P.', seq: 5, ack: 1, payload: 'yet' });
  const { told } = tell();
  expect(told.slice(1)).toEqual([
    'server . 1:1(0) ack 5 <= client P. 1:5(4) ack 1',
    'client . 4:4(0) ack 1 window-probe <= timer persist in s13',
    'server . 1:1(0) ack 5 window-probe-answer <= client . 4:4(0) ack 1',
    'server . 1:1(0) ack 5 window-update <= script server.recv',
    'client P. 5:8(3) ack 1 <= server . 1:1(0) ack 5',
  ]);
});

test('what could not be sent when it was written is sent by the persist timer, and not by the call of long ago', () => {
  const { step, call, send, sample, after, tell } = begin();
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['held'] });
  sample(both({ state: 'ESTAB', timer: 'persist,200ms,0', sendQ: 4, info: 'cubic notsent:4' }, 'ESTAB'));
  after(205);
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'held' });
  expect(tell().told[0]).toBe('client P. 1:5(4) ack 1 <= timer persist in s13');
});

test('an ACK that comes late is the delayed-ack timer, one that comes at once is the segment', () => {
  const { step, call, send, after, tell } = begin();
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['a'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'a' });
  after(41);
  send('server', { flags: '.', seq: 1, ack: 2 });
  expect(tell().told[1]).toBe('server . 1:1(0) ack 2 <= timer delayed-ack');
});

test('an ACK repeated for what came out of order is a duplicate ACK, whatever its window', () => {
  const { step, call, send, tell } = begin();
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['abcdef'] });
  send('client', { flags: 'P.', seq: 4, ack: 1, payload: 'def' });
  send('server', { flags: '.', seq: 1, ack: 1, window: 504, sack: [4, 7] });
  expect(tell().told[1]).toBe('server . 1:1(0) ack 1 duplicate-ack <= client P. 4:7(3) ack 1');
});

test('what the wire makes is its own; the answer to a copy is a duplicate ACK', () => {
  const recording = begin();
  const { step, call, send, tell } = recording;
  step('write');
  call('client', { api: 'write', ...addresses.client, args: ['abc'] });
  const frame = send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'abc' });
  send('server', { flags: '.', seq: 1, ack: 4 });
  recording.replay(frame, 'client');
  send('server', { flags: '.', seq: 1, ack: 4 });
  recording.inject('client', { flags: 'R.', seq: 4, ack: 1 });
  recording.sample(both('ESTAB'));
  const { timeline, told } = tell();
  expect(told.slice(2)).toEqual([
    'client P. 1:4(3) ack 1 replay <= wire wire',
    'server . 1:1(0) ack 4 duplicate-ack <= client P. 1:4(3) ack 1',
    'client R. 4:4(0) ack 1 inject <= wire wire',
  ]);
  const [copy, , injected] = segments(timeline).slice(-3);
  expect(copy?.copyOf).toBe(segments(timeline)[3]?.id);
  expect(copy?.sentAt).toBeUndefined();
  expect(injected?.cause).toEqual({
    kind: 'wire',
    event: timeline.events.find((event) => event.kind === 'wire' && event.operation === 'inject')?.id,
  });
  expect(tellStates(timeline, 'server').at(-1)).toBe('ESTABLISHED CLOSED <= client R. 4:4(0) ack 1');
});

test('an injected SYN begins no connection of its own for the sockets: the challenge ACK answers it', () => {
  const recording = begin();
  recording.inject('client', { flags: 'S', seq: 5000 });
  recording.send('server', { flags: '.', seq: 1, ack: 1 });
  recording.call('client', { api: 'write', ...addresses.client, args: ['x'] });
  const { timeline, told } = recording.tell();
  expect(told).toEqual(['client S 5000:5000(0) inject <= wire wire', 'server . 1:1(0) ack 1 <= client S 5000:5000(0)']);
  expect(timeline.events.findLast(({ kind }) => kind === 'call')).toMatchObject({ connection: 0 });
});

test('crossing FINs take both ends through CLOSING', () => {
  const { step, call, send, sample, release, tell } = begin();
  step('end');
  call('client', { api: 'end', ...addresses.client });
  const fromClient = send('client', { flags: 'F.', seq: 1, ack: 1 }, 'hold');
  sample(both('FIN-WAIT-1', 'ESTAB'));
  step('end');
  call('server', { api: 'end', ...addresses.server });
  const fromServer = send('server', { flags: 'F.', seq: 1, ack: 1 }, 'hold');
  sample(both('FIN-WAIT-1', 'FIN-WAIT-1'));
  release(fromClient, 'server');
  const ackOfServer = send('server', { flags: '.', seq: 2, ack: 2 }, 'hold');
  sample(both('FIN-WAIT-1', 'CLOSING'));
  release(fromServer, 'client');
  const ackOfClient = send('client', { flags: '.', seq: 2, ack: 2 }, 'hold');
  sample(both('CLOSING', 'CLOSING'));
  release(ackOfServer, 'client');
  sample(both('TIME-WAIT', 'CLOSING'));
  release(ackOfClient, 'server');
  sample(both('TIME-WAIT', 'TIME-WAIT'));
  const { timeline } = tell();
  expect(tellStates(timeline, 'client').slice(2)).toEqual([
    'ESTABLISHED FIN-WAIT-1 <= script client.end',
    'FIN-WAIT-1 CLOSING <= server F. 1:1(0) ack 1',
    'CLOSING TIME-WAIT <= server . 2:2(0) ack 2',
  ]);
  expect(tellStates(timeline, 'server').slice(3)).toEqual([
    'ESTABLISHED FIN-WAIT-1 <= script server.end',
    'FIN-WAIT-1 CLOSING <= client F. 1:1(0) ack 1',
    'CLOSING TIME-WAIT <= client . 2:2(0) ack 2',
  ]);
});

test('a killed process leaves the FIN to the kernel, although its end is recorded later', () => {
  const { step, call, send, sample, record, tell } = begin();
  record({ type: 'process', host: 'server', process: 'server', edge: 'start' });
  step('kill');
  call('server', { api: 'kill', via: 'process', args: ['SIGKILL'] });
  send('server', { flags: 'F.', seq: 1, ack: 1 });
  record({ type: 'process', host: 'server', process: 'server', edge: 'exit', code: null, signal: 'SIGKILL' });
  sample(both('CLOSE-WAIT', 'FIN-WAIT-1', false));
  const { timeline, told } = tell();
  expect(told).toEqual(['server F. 1:1(0) ack 1 <= process-end process']);
  expect(tellStates(timeline, 'server').slice(3).sort()).toEqual([
    'ESTABLISHED FIN-WAIT-1 <= process-end process',
    'LISTEN CLOSED <= process-end process',
  ]);
  const exit = timeline.events.find((event) => event.kind === 'process' && event.edge === 'exit');
  const kill = timeline.events.find((event) => event.kind === 'call' && event.api === 'kill');
  expect(exit?.cause).toEqual({ kind: 'call', event: kill?.id });
});

test('a connection nobody accepted is reset when its listener closes', () => {
  const { step, call, send, sample, tell } = begin();
  step('close');
  call('server', { api: 'close', target: 'server-1', local: server });
  send('server', { flags: 'R.', seq: 1, ack: 1 });
  sample(both(undefined, undefined, false));
  const { timeline, told } = tell();
  expect(told).toEqual(['server R. 1:1(0) ack 1 <= script server.close']);
  expect(tellStates(timeline, 'server').slice(3).sort()).toEqual([
    'ESTABLISHED CLOSED <= script server.close',
    'LISTEN CLOSED <= script server.close',
  ]);
});

test('an unanswered connect ends by its timer, not by the close Node makes afterwards', () => {
  const { step, call, send, sample, count, after, record, end } = startRecording();
  step('connect');
  sample({ client: [] });
  call('client', { api: 'connect', args: [], ...addresses.client });
  send('client', { flags: 'S' }, 'drop');
  sample({ client: [{ state: 'SYN-SENT', timer: 'on,1sec,0' }] });
  after(1010);
  count('client', 'TcpExt.TCPAbortOnTimeout');
  call('client', { api: 'close', by: 'node', ...addresses.client });
  record({ type: 'emit', host: 'client', process: 'client', name: 'error', code: 'ETIMEDOUT', ...addresses.client });
  sample({ client: [] });
  const timeline = buildTimeline(end());
  expect(tellStates(timeline, 'client')).toEqual([
    'CLOSED SYN-SENT <= script client.connect',
    'SYN-SENT CLOSED <= timer on in s2',
  ]);
});

test('a pair used again while in TIME-WAIT is two connections and two sockets', () => {
  const recording = begin();
  const { step, call, send, sample, tell } = recording;
  call('server', { api: 'end', ...addresses.server });
  send('server', { flags: 'F.', seq: 1, ack: 1 });
  call('client', { api: 'end', ...addresses.client });
  send('client', { flags: 'F.', seq: 1, ack: 2 });
  send('server', { flags: '.', seq: 2, ack: 2 });
  sample(both(undefined, 'TIME-WAIT'));
  step('connect');
  call('client', { api: 'connect', ...addresses.client, target: 'socket-2' });
  send('client', { flags: 'S', seq: 777_777 });
  sample(both('SYN-SENT', 'SYN-RECV'));
  const { timeline } = tell();
  expect(timeline.connections).toHaveLength(2);
  expect(tellStates(timeline, 'server').slice(3)).toEqual([
    'ESTABLISHED TIME-WAIT <= client F. 1:1(0) ack 2',
    'TIME-WAIT CLOSED <= client S 0:0(0)',
    'CLOSED SYN-RECEIVED <= client S 0:0(0)',
  ]);
  const last = timeline.events.filter((event) => event.kind === 'state' && event.host === 'server').slice(-2);
  expect(last).toMatchObject([{ connection: 0 }, { connection: 1 }]);
});

test('a whole connection between two looks, on a pair in TIME-WAIT, is seen by the cookie of its own TIME-WAIT', () => {
  const { send, sample, tell } = begin();
  const close = () => {
    send('client', { flags: 'F.', seq: 1, ack: 1 });
    send('server', { flags: 'F.', seq: 1, ack: 2 });
    send('client', { flags: '.', seq: 2, ack: 2 });
  };
  close();
  sample(both('TIME-WAIT'));
  const again = { client: 777_776, server: 888_887 };
  send('client', { flags: 'S', seq: again.client });
  send('server', { flags: 'S.', seq: again.server, ack: again.client + 1 });
  send('client', { flags: '.', seq: again.client + 1, ack: again.server + 1 });
  send('client', { flags: 'F.', seq: again.client + 1, ack: again.server + 1 });
  send('server', { flags: 'F.', seq: again.server + 1, ack: again.client + 2 });
  send('client', { flags: '.', seq: again.client + 2, ack: again.server + 2 });
  sample(both({ state: 'TIME-WAIT', cookie: 'b' }));
  const { timeline } = tell();
  const states = timeline.events.filter((event) => event.kind === 'state' && event.host === 'client').slice(-3);
  expect(states).toMatchObject([
    { connection: 0, to: 'TIME-WAIT' },
    { connection: 0, from: 'TIME-WAIT', to: 'CLOSED' },
    { connection: 1, to: 'TIME-WAIT' },
  ]);
});

test('a reset after the last keepalive probe is the timer, also where ss did not look', () => {
  const { send, after, tell } = begin();
  after(500);
  send('client', { flags: '.', seq: 0, ack: 1 }, 'drop');
  after(500);
  send('client', { flags: 'R.', seq: 1, ack: 1 }, 'drop');
  expect(tell().told.at(-1)).toBe('client R. 1:1(0) ack 1 dropped <= timer keepalive');
});

test('a program nobody drives does what it likes: only the input it passes on is known to be the cause of what it sends', () => {
  const { step, call, send, record, after, end } = startRecording();
  step('spawn');
  record({ type: 'process', host: 'client', process: 'nc', edge: 'start', command: 'nc 192.0.2.2 50000' });
  send('client', { flags: 'S' });
  send('server', { flags: 'S.', ack: 1 });
  send('client', { flags: '.', seq: 1, ack: 1 });
  step('input');
  call('client', { process: 'nc', via: 'process', api: 'input', args: ['hi'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hi' });
  send('client', { flags: 'P.', seq: 3, ack: 1, payload: 'other' });
  send('client', { flags: 'F.', seq: 8, ack: 1 });
  after(5000);
  record({ type: 'process', host: 'client', process: 'nc', edge: 'exit', code: 0 });
  const timeline = buildTimeline(end());
  expect(tellSegments(timeline).filter((_, index) => index !== 1 && index !== 2)).toEqual([
    'client S 0:0(0) <= program process',
    'client P. 1:3(2) ack 1 <= script nc.input',
    'client P. 3:8(5) ack 1 <= program process',
    'client F. 8:8(0) ack 1 <= program process',
  ]);
  expect(violations(timeline)).toEqual([]);
});

test('a FIN that has arrived is not why a program writes', () => {
  const { send, record, end } = startRecording();
  record({ type: 'process', host: 'client', process: 'curl', edge: 'start', command: 'curl' });
  send('client', { flags: 'S' });
  send('server', { flags: 'S.', ack: 1 });
  send('client', { flags: '.', seq: 1, ack: 1 });
  send('server', { flags: 'F.', seq: 1, ack: 1 });
  send('client', { flags: 'P.', seq: 1, ack: 2, payload: 'late' });
  expect(tellSegments(buildTimeline(end())).at(-1)).toBe('client P. 1:5(4) ack 2 <= program process');
});

test('which of two programs it was nobody knows; a SIGKILL tells that the kernel closed', () => {
  const recorded = (programs: string[]) => {
    const { call, send, record, after, end } = startRecording();
    for (const process of programs)
      record({ type: 'process', host: 'client', process, edge: 'start', command: process });
    send('client', { flags: 'S' });
    send('server', { flags: 'S.', ack: 1 });
    send('client', { flags: '.', seq: 1, ack: 1 });
    after(100);
    call('client', { process: 'nc', via: 'process', api: 'kill', args: ['SIGKILL'] });
    send('client', { flags: 'F.', seq: 1, ack: 1 });
    after(10);
    record({ type: 'process', host: 'client', process: 'nc', edge: 'exit', code: null, signal: 'SIGKILL' });
    const timeline = buildTimeline(end());
    expect(violations(timeline)).toEqual([]);
    return tellSegments(timeline).filter((_, index) => index === 0 || index === 3);
  };
  expect(recorded(['nc', 'curl'])).toEqual([
    'client S 0:0(0) <= one of 2 programs',
    'client F. 1:1(0) ack 1 <= one of 2 programs',
  ]);
  expect(recorded(['nc'])).toEqual([
    'client S 0:0(0) <= program process',
    'client F. 1:1(0) ack 1 <= process-end process',
  ]);
});

/** A program has connected, and nothing has been sent since. */
const connectedProgram = () => {
  const recording = startRecording();
  const { send, record, after } = recording;
  record({ type: 'process', host: 'client', process: 'app', edge: 'start', command: 'app' });
  send('client', { flags: 'S' });
  send('server', { flags: 'S.', ack: 1 });
  send('client', { flags: '.', seq: 1, ack: 1 });
  after(100);
  return recording;
};

test('a signal that a program catches, or that leaves children, tells nothing of who closed', () => {
  const recorded = (
    signal: string,
    told: { disposition?: 'caught' | 'default'; children?: number },
    orphans?: number,
  ) => {
    const { call, send, record, after, end } = connectedProgram();
    call('client', { process: 'app', via: 'process', api: 'kill', args: [signal], ...told });
    send('client', { flags: 'F.', seq: 1, ack: 1 });
    after(10);
    record({ type: 'process', host: 'client', process: 'app', edge: 'exit', code: null, signal, orphans });
    return tellSegments(buildTimeline(end())).at(-1);
  };
  const byKernel = 'client F. 1:1(0) ack 1 <= process-end process';
  const byProgram = 'client F. 1:1(0) ack 1 <= program process';
  expect(recorded('SIGTERM', { disposition: 'default' })).toBe(byKernel);
  expect(recorded('SIGTERM', { disposition: 'caught' })).toBe(byProgram);
  expect(recorded('SIGKILL', { disposition: 'default' })).toBe(byKernel);
  expect(recorded('SIGKILL', { disposition: 'default', children: 1 })).toBe(byProgram);
  expect(recorded('SIGKILL', { disposition: 'default' }, 1)).toBe(byProgram);
});

test('of two signals a program dies of the second, when it has caught the first and goes on', () => {
  const { call, send, record, after, end } = connectedProgram();
  call('client', { process: 'app', via: 'process', api: 'kill', args: ['SIGINT'], disposition: 'caught' });
  after(700);
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'once more to end' });
  after(300);
  call('client', { process: 'app', via: 'process', api: 'kill', args: ['SIGINT'], disposition: 'default' });
  after(10);
  record({ type: 'process', host: 'client', process: 'app', edge: 'exit', code: null, signal: 'SIGINT' });
  const { events } = buildTimeline(end());
  const [, second] = events.filter((event) => event.kind === 'call');
  const exit = events.find((event) => event.kind === 'process' && event.edge === 'exit');
  expect(exit?.cause).toEqual({ kind: 'call', event: second?.id });
  expect(exit?.at).toBeGreaterThanOrEqual(second?.at ?? Number.POSITIVE_INFINITY);
});

test('the end of a process is no cause of what it still lived to see, nor of a socket it had closed', () => {
  const { call, send, record, after, tell } = begin();
  const exit = (process: string) =>
    record({ type: 'process', host: 'client', process, edge: 'exit', code: 0, signal: null });
  record({ type: 'process', host: 'client', process: 'client', edge: 'start', driven: true });
  send('client', { flags: 'F.', seq: 1, ack: 1 });
  after(3000);
  call('client', { api: 'setNoDelay', ...addresses.client, target: 'socket-2', local: undefined, remote: undefined });
  after(1000);
  exit('client');
  expect(tell().told).toEqual(['client F. 1:1(0) ack 1 <= unknown']);
});

test('an effect never stands above its cause: the end of a process had come when the kernel closed its socket', () => {
  const { call, send, record, after, tell } = begin();
  record({ type: 'process', host: 'client', process: 'client', edge: 'start', driven: true });
  call('client', { api: 'exit' });
  send('client', { flags: 'F.', seq: 1, ack: 1 });
  after(30);
  record({ type: 'process', host: 'client', process: 'client', edge: 'exit', code: 0, signal: null });
  const { timeline, told } = tell();
  expect(told).toEqual(['client F. 1:1(0) ack 1 <= process-end process']);
  const exit = timeline.events.findIndex((event) => event.kind === 'process' && event.edge === 'exit');
  const fin = timeline.events.findIndex((event) => event.kind === 'segment' && event.flags === 'F.');
  expect(exit).toBeLessThan(fin);
  expect(timeline.events[exit]).toMatchObject({ at: timeline.events[fin]?.at, cause: { kind: 'call' } });
  expect(violations(timeline)).toEqual([]);
});

test('shutdown() for reading closes a listener, for writing it does not; the change does not stand above the call', () => {
  const closed = (how: string) => {
    const { call, sample, after, tell } = begin();
    sample(both('ESTAB', 'ESTAB'));
    after(100);
    call('server', { api: 'shutdown', via: 'raw', args: [3, how], target: 'fd 3', local: server });
    after(100);
    sample(both('ESTAB', 'ESTAB', false));
    const { timeline } = tell();
    expect(violations(timeline)).toEqual([]);
    return tellStates(timeline, 'server').at(-1);
  };
  for (const how of ['SHUT_RD', 'SHUT_RDWR']) expect(closed(how)).toBe('LISTEN CLOSED <= script server.shutdown');
  expect(closed('SHUT_WR')).toBe('LISTEN CLOSED <= unknown');
});

test('SYN-SENT is connect(), also where ss saw it before the SYN had left', () => {
  const { step, call, send, sample, after, end } = startRecording();
  step('connect');
  sample({ client: [] });
  after(50);
  call('client', { api: 'connect', args: [], ...addresses.client });
  sample({ client: [{ state: 'SYN-SENT' }] });
  send('client', { flags: 'S' }, 'drop');
  const timeline = buildTimeline(end());
  expect(tellStates(timeline, 'client')).toEqual(['CLOSED SYN-SENT <= script client.connect']);
  const connect = timeline.events.findIndex(({ kind }) => kind === 'call');
  expect(timeline.events.findIndex(({ kind }) => kind === 'state')).toBe(connect + 1);
  expect(violations(timeline)).toEqual([]);
});

test('a FIN that came before lost data counts when they have come', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: ['hello'] });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' }, 'drop');
  call('client', { api: 'end', ...addresses.client });
  send('client', { flags: 'F.', seq: 6, ack: 1 });
  sample(both('FIN-WAIT-1', 'ESTAB'));
  after(210);
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  expect(tellStates(tell().timeline, 'server').at(-1)).toBe('ESTABLISHED CLOSE-WAIT <= client P. 1:6(5) ack 1');
});

test('a simultaneous open: the SYN-ACK answers the SYN, and its ACK opens the connection', () => {
  const recording = startRecording();
  const { step, call, send, sample, release, end } = recording;
  const only = (one?: string, other?: string) => sample(both(one, other, false));
  only();
  step('connect at both ends');
  call('client', { api: 'connect', args: [{ host: server.address, port: server.port }], ...addresses.client });
  const synOfClient = send('client', { flags: 'S' }, 'hold');
  only('SYN-SENT');
  call('server', { api: 'connect', args: [{ host: client.address, port: client.port }], ...addresses.server });
  const synOfServer = send('server', { flags: 'S' }, 'hold');
  only('SYN-SENT', 'SYN-SENT');
  release(synOfServer, 'client');
  const synAck = send('client', { flags: 'S.', ack: 1 }, 'hold');
  only('SYN-RECV', 'SYN-SENT');
  release(synAck, 'server');
  const ack = send('server', { flags: '.', seq: 1, ack: 1 }, 'hold');
  only('SYN-RECV', 'ESTAB');
  release(ack, 'client');
  only('ESTAB', 'ESTAB');
  release(synOfClient, 'server');
  only('ESTAB', 'ESTAB');
  const timeline = buildTimeline(end());
  expect(violations(timeline)).toEqual([]);
  expect(tellStates(timeline, 'client')).toEqual([
    'CLOSED SYN-SENT <= script client.connect',
    'SYN-SENT SYN-RECEIVED <= server S 0:0(0)',
    'SYN-RECEIVED ESTABLISHED <= server . 1:1(0) ack 1',
  ]);
  expect(tellSegments(timeline)[2]).toBe('client S. 0:0(0) ack 1 <= server S 0:0(0)');
});

test('a close() that returns late has sent its FIN and no more: an orphan without room in TIME-WAIT ends with the ACK', () => {
  const { call, send, sample, tell } = begin();
  call('server', { api: 'close', ...addresses.server }, () => {
    send('server', { flags: 'F.', seq: 1, ack: 1 });
    sample(both('CLOSE-WAIT', 'FIN-WAIT-1'));
  });
  send('client', { flags: '.', seq: 1, ack: 2 });
  sample(both('CLOSE-WAIT', undefined));
  expect(tellStates(tell().timeline, 'server').slice(-2)).toEqual([
    'ESTABLISHED FIN-WAIT-1 <= script server.close',
    'FIN-WAIT-1 CLOSED <= client . 1:1(0) ack 2',
  ]);
});

test('a call on a socket of IPv6 whose peer has an address of IPv4 is about that connection', () => {
  const { call, send, tell } = begin();
  const mapped = ({ address, port }: { address: string; port: number }) => ({ address: `::ffff:${address}`, port });
  const { local, remote } = addresses.client;
  call('client', { api: 'write', args: ['abc'], local: mapped(local), remote: mapped(remote) });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'abc' });
  expect(tell().told).toEqual(['client P. 1:4(3) ack 1 <= script client.write']);
});

test('a probe with the window closed is the one that the kernel counted; of both, the one whose timer ss showed; of none, no probe', () => {
  const probe = (counters: string[], name: string) => {
    const { send, sample, count, after, tell } = begin();
    send('server', { flags: '.', seq: 1, ack: 1, window: 0 });
    sample(both({ state: 'ESTAB', timer: `${name},500ms,0` }, 'ESTAB'));
    after(510);
    for (const counter of counters) count('client', counter);
    send('client', { flags: '.', seq: 0, ack: 1 });
    sample(both({ state: 'ESTAB', timer: `${name},500ms,0` }, 'ESTAB'));
    return tell().told.at(-1);
  };
  const [keepalive, ofWindow] = ['TcpExt.TCPKeepAlive', 'TcpExt.TCPWinProbe'] as const;
  expect(probe([keepalive], 'persist')).toContain('keepalive-probe');
  expect(probe([ofWindow], 'keepalive')).toContain('window-probe');
  expect(probe([keepalive, ofWindow], 'keepalive')).toContain('keepalive-probe');
  expect(probe([keepalive, ofWindow], 'persist')).toContain('window-probe');
  expect(probe([], 'keepalive')).not.toContain('probe');
});

test('a late ACK is its reader’s, where the kernel counted none of the delayed-ACK timer', () => {
  const late = (counter: string) => {
    const { record, send, sample, count, after, tell } = begin();
    record({ type: 'process', host: 'server', process: 'reader', edge: 'start', command: 'reader' });
    send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'a' });
    sample(both('ESTAB', 'ESTAB'));
    after(70);
    if (counter) count('server', counter);
    send('server', { flags: '.', seq: 1, ack: 2 });
    sample(both('ESTAB', 'ESTAB'));
    return tell().told.at(-1);
  };
  expect(late('TcpExt.DelayedACKs')).toBe('server . 1:1(0) ack 2 <= timer delayed-ack');
  expect(late('')).not.toContain('timer');
});

test('a late ACK of a socket that Node holds is Node’s read, which no record holds', () => {
  const { record, call, send, sample, after, tell } = begin();
  record({ type: 'process', host: 'server', process: 'server', edge: 'start', driven: true });
  call('server', { api: 'resume', ...addresses.server, target: 'socket-1' });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'a' });
  sample(both('ESTAB', 'ESTAB'));
  after(20);
  send('server', { flags: '.', seq: 1, ack: 2 });
  sample(both('ESTAB', 'ESTAB'));
  const { timeline, told } = tell();
  const start = timeline.events.find(({ kind }) => kind === 'process');
  expect(timeline.events.findLast(({ kind }) => kind === 'segment')?.cause).toEqual({
    kind: 'program',
    event: start?.id,
  });
  expect(told.at(-1)).toContain('server . 1:1(0) ack 2');
});

test('what a call has left in the queue of a socket that paces, is let go by its timer and not by the call', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: ['abcdefghi'], returns: true });
  call('client', { api: 'write', ...addresses.client, args: ['x'], returns: true });
  send('client', { flags: '.', seq: 1, ack: 1, payload: 'abc' });
  const paced = 'bbr:(bw:1000bps) pacing_rate 1000000bps data_segs_out:20 cwnd:10 mss:3 notsent:7';
  sample(both({ state: 'ESTAB', sendQ: 10, info: paced }, 'ESTAB'));
  send('server', { flags: '.', seq: 1, ack: 4 });
  for (const seq of [4, 7]) {
    after(2);
    send('client', { flags: '.', seq, ack: 1, payload: 'def' });
  }
  sample(both({ state: 'ESTAB', sendQ: 10, info: paced }, 'ESTAB'));
  expect(tell().told.slice(2)).toEqual([
    'client . 4:7(3) ack 1 <= timer pacing',
    'client . 7:10(3) ack 1 <= timer pacing',
  ]);
});

test('half a turn is as long as a socket waits that had paused: a write that goes on lets nothing go then', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: ['abcdefghi'], returns: false });
  send('client', { flags: '.', seq: 1, ack: 1, payload: 'abc' });
  const paced = 'bbr:(bw:1000bps) pacing_rate 6000bps data_segs_out:20 cwnd:10 mss:3 notsent:6';
  sample(both({ state: 'ESTAB', sendQ: 9, info: paced }, 'ESTAB'));
  send('server', { flags: '.', seq: 1, ack: 4 });
  after(2);
  send('client', { flags: '.', seq: 4, ack: 1, payload: 'def' });
  sample(both({ state: 'ESTAB', sendQ: 6, info: paced }, 'ESTAB'));
  expect(tell().told.at(-1)).toBe('client . 4:7(3) ack 1 <= timer pacing');
});

test('what leaves right behind data that were let go by the timer of the pacing, was a part of the same', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'write', ...addresses.client, args: ['abcdefghi'], returns: true });
  send('client', { flags: '.', seq: 1, ack: 1, payload: 'abc' });
  const paced = 'bbr:(bw:1000bps) pacing_rate 1000000bps data_segs_out:20 cwnd:10 mss:3 notsent:3';
  sample(both({ state: 'ESTAB', sendQ: 5, info: paced }, 'ESTAB'));
  send('server', { flags: '.', seq: 1, ack: 4 });
  after(2);
  send('client', { flags: '.', seq: 4, ack: 1, payload: 'def' });
  send('client', { flags: 'P.', seq: 7, ack: 1, payload: 'ghi' });
  sample(both({ state: 'ESTAB', sendQ: 5, info: paced }, 'ESTAB'));
  expect(tell().told.slice(2)).toEqual([
    'client . 4:7(3) ack 1 <= timer pacing',
    'client P. 7:10(3) ack 1 <= timer pacing',
  ]);
});

test('a FIN that had waited with the last data is let go by the pacing timer, and not by the program that is gone', () => {
  const { record, send, sample, after, tell } = begin({ isDriven: false });
  record({ type: 'process', host: 'client', process: 'app', edge: 'start', command: 'app' });
  const paced = 'bbr:(bw:1000bps) pacing_rate 1000000bps data_segs_out:20 cwnd:10 mss:1448 notsent:4';
  for (const state of ['ESTAB', 'FIN-WAIT-1']) {
    send('client', { flags: 'P.', seq: state === 'ESTAB' ? 1 : 4, ack: 1, payload: 'abc' });
    sample(both({ state, sendQ: 10, info: paced }, 'ESTAB'));
    after(8);
  }
  send('client', { flags: 'FP.', seq: 7, ack: 1, payload: 'last' });
  sample(both({ state: 'FIN-WAIT-1', sendQ: 14, info: 'bbr:(bw:1000bps)' }, 'CLOSE-WAIT'));
  expect(tell().told.at(-1)).toBe('client FP. 7:11(4) ack 1 <= timer pacing');
});

test('close() waits for a call that uses the socket: the end of the process, which ends that call, sends the FIN', () => {
  const { record, call, send, sample, after, tell } = begin();
  record({ type: 'process', host: 'client', process: 'client', edge: 'start', driven: true });
  call('client', { api: 'recv', via: 'raw', args: [3, 10], ...addresses.client, target: 'fd 3' }, () => {
    call('client', { api: 'close', via: 'raw', args: [3], ...addresses.client, target: 'fd 3' });
    sample(both('ESTAB', 'ESTAB'));
    after(200);
    call('client', { api: 'kill', via: 'process', args: ['SIGKILL'] });
    send('client', { flags: 'F.', seq: 1, ack: 1 });
    record({ type: 'process', host: 'client', process: 'client', edge: 'exit', code: null, signal: 'SIGKILL' });
    sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  });
  expect(tell().told.at(-1)).toBe('client F. 1:1(0) ack 1 <= process-end process');
});

test('new data that a tail loss probe sends while the call that wrote them still blocks are the probe’s', () => {
  const { call, send, sample, count, after, tell } = begin();
  sample(both('ESTAB', 'ESTAB'));
  call('client', { api: 'send', via: 'raw', args: [3, 'a lot'], ...addresses.client }, () => {
    send('client', { flags: '.', seq: 1, ack: 1, payload: 'abc' });
    send('server', { flags: '.', seq: 1, ack: 4 });
    send('client', { flags: '.', seq: 4, ack: 1, payload: 'def' });
    after(25);
    count('client', 'TcpExt.TCPLossProbes');
    send('client', { flags: '.', seq: 7, ack: 1, payload: 'ghi' });
    after(1);
    send('server', { flags: '.', seq: 1, ack: 10 });
  });
  sample(both('ESTAB', 'ESTAB'));
  expect(tell().told.filter((line) => line.startsWith('client'))).toEqual([
    expect.stringContaining('client.send'),
    expect.stringMatching(/7\(3\).* <= /),
    expect.stringContaining('timer tail-loss-probe'),
  ]);
});

test('of several sends at once the one is the cause whose data the segment holds; where two hold the same, nobody knows', () => {
  const { call, send, tell } = begin();
  const texts = ['AAAA', 'BBBB', 'same', 'same'];
  const sendAll = ([text, ...others]: string[]) => {
    const args = [3, text, []];
    call('client', { api: 'send', via: 'raw', args, ...addresses.client }, () => {
      if (others.length > 0) return sendAll(others);
      for (const [index, payload] of texts.entries())
        send('client', { flags: 'P.', seq: 1 + 4 * index, ack: 1, payload });
    });
  };
  sendAll(texts);
  const { timeline, told } = tell();
  const textOf = (id: unknown) => timeline.events.find((event) => event.id === id && event.kind === 'call');
  const causes = segments(timeline)
    .slice(3)
    .map(({ cause }) => cause && 'event' in cause && (textOf(cause.event) as { args?: unknown[] })?.args?.[1]);
  expect(causes).toEqual(['AAAA', 'BBBB', false, false]);
  expect(told.at(-1)).toContain('unknown');
  expect(violations(timeline)).toEqual([]);
});

test('an end that nobody of the script asked for was told promptly: what was sent long before is not its doing', () => {
  const fin = (milliseconds: number) => {
    const { send, record, after, tell } = begin();
    record({ type: 'process', host: 'client', process: 'client', edge: 'start', driven: true });
    after(1000);
    send('client', { flags: 'F.', seq: 1, ack: 1 });
    after(milliseconds);
    record({ type: 'process', host: 'client', process: 'client', edge: 'exit', code: null, signal: 'SIGKILL' });
    return tell().told.at(-1);
  };
  expect(fin(20)).toContain('process-end');
  expect(fin(500)).toContain('unknown');
});

test('a close() that had returned while ss still showed the socket open has sent no FIN later, unless a call still used it', () => {
  const fin = ({ inUse }: { inUse: boolean }) => {
    const { call, send, sample, after, tell } = begin();
    const only = { via: 'raw', local: client, remote: server } as const; // the descriptor that connect() was called on
    const close = () => {
      call('client', { api: 'close', ...only });
      sample(both('ESTAB', 'ESTAB'));
      after(1000);
      send('client', { flags: 'F.', seq: 1, ack: 1 });
    };
    if (inUse) call('client', { api: 'recv', ...only }, close);
    else close();
    return tell().told.at(-1);
  };
  expect(fin({ inUse: false })).toContain('unknown');
  expect(fin({ inUse: true })).toContain('client.close');
});

test('what the kernel has not counted as sent again is no timer’s; where a call sends just then, it is the call’s', () => {
  const { call, count, send, sample, after, tell } = begin();
  const sendTwice = (text: string, seq: number) => {
    call('client', { api: 'send', via: 'raw', args: [3, text], ...addresses.client }, () => {
      send('client', { flags: 'P.', seq, ack: 1, payload: text });
      sample(both('ESTAB', 'ESTAB'));
    });
    after(500);
    send('client', { flags: 'P.', seq, ack: 1, payload: text });
    count('client', 'Tcp.RetransSegs', -1);
    sample(both('ESTAB', 'ESTAB'));
  };
  sendTwice('one', 1);
  expect(tell().told.at(-1)).toMatch(/retransmission <= unknown$/);
});

test('data that left TCP before, by ss, and lay in a queue of the host were sent by no timer', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'send', via: 'raw', args: [3, 'later'], ...addresses.client });
  sample(both({ state: 'ESTAB', timer: 'on,200ms,0', sendQ: 5, info: 'cubic rto:204 unacked:1' }, 'ESTAB'));
  after(400);
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'later' });
  sample(both('ESTAB', 'ESTAB'));
  expect(tell().told.at(-1)).toContain('unknown');
});

test('what Node was given before it was connected is that of who gave it, each by its own bytes', () => {
  const recording = startRecording();
  const { step, call, send, sample, release, after } = recording;
  sample(both(undefined, undefined, false));
  step('listen');
  call('server', { api: 'listen', args: [{ port: server.port }], local: server });
  step('connect');
  const own = { target: 'socket-1', local: client, remote: server };
  call('client', { api: 'connect', args: [{ host: server.address, port: server.port }], ...own });
  send('client', { flags: 'S' });
  const synAck = send('server', { flags: 'S.', ack: 1 }, 'hold');
  call('client', { api: 'write', args: ['one'], ...own });
  call('client', { api: 'write', args: [{ bytes: 3 }], ...own });
  call('client', { api: 'end', args: ['last'], ...own });
  sample(both('SYN-SENT', 'SYN-RECV'));
  after(300);
  release(synAck, 'client');
  after(10);
  send('client', { flags: '.', seq: 1, ack: 1 });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'one' });
  after(20);
  send('client', { flags: 'P.', seq: 4, ack: 1, payload: 'abclast' });
  sample(both('ESTAB', 'ESTAB'));
  expect(tellSegments(buildTimeline(recording.end())).slice(3)).toEqual([
    'client P. 1:4(3) ack 1 <= script client.write',
    'client P. 4:11(7) ack 1 <= script client.end',
  ]);
});

test('the answer to a SYN of another connection, or to what acknowledges too much, repeats nothing', () => {
  const { send, inject, tell } = begin();
  inject('client', { flags: 'S', seq: 500_000 });
  send('server', { flags: '.', seq: 1, ack: 1 });
  inject('client', { flags: 'P.', seq: 1, ack: 99, payload: 'x' });
  send('server', { flags: '.', seq: 1, ack: 1 });
  for (const line of tell().told.filter((one) => one.startsWith('server'))) expect(line).not.toContain('duplicate-ack');
});

test('a FIN without data is its closer’s, though an ACK arrives at that moment', () => {
  const recording = startRecording();
  const { record, send, sample } = recording;
  record({ type: 'process', host: 'client', process: 'python3', edge: 'start', command: 'python3' });
  shakeHands(recording, { isDriven: false });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'x' });
  send('server', { flags: '.', seq: 1, ack: 2 });
  send('client', { flags: 'F.', seq: 2, ack: 1 });
  sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  expect(tellSegments(buildTimeline(recording.end())).at(-1)).toBe('client F. 2:2(0) ack 1 <= program process');
});
