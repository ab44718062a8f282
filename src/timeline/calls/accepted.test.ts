import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { client, server, startRecording } from '../fixtures/recording.ts';

const ends = { client: { local: client, remote: server }, server: { local: server, remote: client } };
type Recording = ReturnType<typeof startRecording>;

const connect = (recording: Recording, seq: number) => {
  recording.send('client', { flags: 'S', seq });
  recording.send('server', { flags: 'S.', seq, ack: seq + 1 });
  recording.send('client', { flags: '.', seq: seq + 1, ack: seq + 1 });
};
const reset = (recording: Recording, seq: number) =>
  recording.send('client', { flags: 'R.', seq: seq + 1, ack: seq + 1 });
const raw = (recording: Recording, api: string, target: string, more: object = {}) =>
  recording.call('server', { api, via: 'raw', target, ...ends.server, ...more });
const listen = (recording: Recording) => recording.call('server', { api: 'listen', via: 'raw', local: server });
const listening = () => {
  const recording = startRecording();
  listen(recording);
  return recording;
};
const numbers = (recording: Recording, api: string) =>
  buildTimeline(recording.end()).events.flatMap((event) =>
    event.kind === 'call' && event.api === api ? [event.connection] : [],
  );

test('a descriptor stays that of its connection when another one has the same addresses next', () => {
  const recording = listening();
  connect(recording, 0);
  raw(recording, 'accept', 'fd 3', { returns: 4 });
  reset(recording, 0);
  connect(recording, 100_000);
  raw(recording, 'accept', 'fd 3', { returns: 5 });
  raw(recording, 'dup', 'fd 4', { returns: 6 });
  for (const target of ['fd 4', 'fd 5', 'fd 6']) raw(recording, 'recv', target);
  expect(numbers(recording, 'accept')).toEqual([0, 1]);
  expect(numbers(recording, 'recv')).toEqual([0, 1, 0]);
});

test('the queue gives its connections in the order they came, those too that were reset meanwhile', () => {
  const recording = listening();
  connect(recording, 0);
  reset(recording, 0);
  connect(recording, 100_000);
  raw(recording, 'accept', 'fd 3', { returns: 4 });
  raw(recording, 'accept', 'fd 3', { returns: 5 });
  expect(numbers(recording, 'accept')).toEqual([0, 1]);
});

test('what waited for a listener that is no more is given to nobody', () => {
  const recording = listening();
  connect(recording, 0);
  reset(recording, 0);
  listen(recording);
  connect(recording, 100_000);
  raw(recording, 'accept', 'fd 3', { returns: 4 });
  expect(numbers(recording, 'accept')).toEqual([1]);
});

test('a number that was closed may be the next connection’s', () => {
  const recording = listening();
  connect(recording, 0);
  raw(recording, 'accept', 'fd 3', { returns: 4 });
  reset(recording, 0);
  raw(recording, 'close', 'fd 4');
  connect(recording, 100_000);
  raw(recording, 'accept', 'fd 3', { returns: 4 });
  raw(recording, 'recv', 'fd 4');
  expect(numbers(recording, 'recv')).toEqual([1]);
});

test('Node’s sockets as well: their events are those of the connection they were accepted from', () => {
  const recording = listening();
  const accepted = (socket: string) =>
    recording.record({
      type: 'emit',
      host: 'server',
      process: 'server',
      target: 'server-1',
      name: 'connection',
      ...ends.server,
      detail: { socket },
    });
  connect(recording, 0);
  accepted('socket-1');
  reset(recording, 0);
  connect(recording, 100_000);
  accepted('socket-2');
  recording.after(1);
  recording.record({
    type: 'emit',
    host: 'server',
    process: 'server',
    target: 'socket-1',
    name: 'error',
    ...ends.server,
  });
  const emits = buildTimeline(recording.end()).events.flatMap((event) =>
    event.kind === 'emit' ? [[event.name, event.connection]] : [],
  );
  expect(emits).toEqual([
    ['connection', 0],
    ['connection', 1],
    ['error', 0],
  ]);
});

describe('a socket that was reset before it was accepted has no peer any more', () => {
  const accept = (recording: Recording, socket: string) => {
    const about = { type: 'emit' as const, host: 'server' as const, process: 'server', local: server };
    recording.record({ ...about, target: 'server-1', name: 'connection', detail: { socket } });
    recording.record({ ...about, target: socket, name: 'data', bytes: 4, text: 'late' });
  };
  const emitted = (recording: Recording) =>
    buildTimeline(recording.end()).events.flatMap((event) => (event.kind === 'emit' ? [event.connection] : []));

  test('it is the connection that was reset and that nobody else has accepted', () => {
    const recording = listening();
    for (const seq of [0, 100_000]) {
      connect(recording, seq);
      reset(recording, seq);
    }
    for (const socket of ['socket-1', 'socket-2']) accept(recording, socket);
    expect(emitted(recording)).toEqual([0, 0, 1, 1]);
  });

  test('which one, nobody knows where one more was reset', () => {
    const recording = listening();
    for (const seq of [0, 100_000]) {
      connect(recording, seq);
      reset(recording, seq);
    }
    accept(recording, 'socket-1');
    expect(emitted(recording)).toEqual([undefined, undefined]);
  });

  test('the child of a process that shares it has it from its parent', () => {
    const recording = listening();
    connect(recording, 0);
    raw(recording, 'accept', 'fd 3', { returns: 4 });
    reset(recording, 0);
    recording.call('server', { api: 'share', via: 'raw', args: [{ descriptor: 4, name: 'heir' }], returns: 71 });
    recording.call('server', { api: 'recv', via: 'raw', process: 'heir', target: 'fd 3', local: server });
    expect(numbers(recording, 'recv')).toEqual([0]);
  });
});
