import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, client, server, shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { elapsed, textOf } from '../checks/events.ts';
import { bytesOf } from '../checks/segments.ts';
import { viewOf } from './view.ts';

const record = () => {
  const recording = startRecording();
  recording.stage('begin', 'opening');
  shakeHands(recording);
  recording.stage('end', 'opening');
  recording.stage('begin', 'closing');
  recording.step('end');
  recording.call('client', { api: 'shutdown', by: 'node', target: 'socket-1', local: client, remote: server });
  recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
  recording.sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  recording.send('server', { flags: '.', seq: 1, ack: 2 });
  recording.sample(both('FIN-WAIT-2', { state: 'CLOSE-WAIT', recvQ: 1 }));
  recording.stage('end', 'closing');
  return viewOf(buildTimeline(recording.end()));
};

test('a connection knows its handshake, its closing and the states of both ends', () => {
  const connection = record().connection();
  expect(connection.handshake.map(({ flags }) => flags)).toEqual(['S', 'S.', '.']);
  expect(connection.closing.map(({ flags }) => flags)).toEqual(['F.', '.']);
  expect(connection.states('client').map(({ to }) => to)).toEqual([
    'SYN-SENT',
    'ESTABLISHED',
    'FIN-WAIT-1',
    'FIN-WAIT-2',
  ]);
  expect(connection.state('client').state).toBe('FIN-WAIT-2');
  expect(connection.row('server').row).toMatchObject({ state: 'CLOSE-WAIT', recvQ: 1 });
});

test('a stage is seen alone: its events, its samples, the connections that began in it', () => {
  const run = record();
  expect(run.during('opening').segments()).toHaveLength(3);
  expect(
    run
      .during('closing')
      .segments()
      .map(({ flags }) => flags),
  ).toEqual(['F.', '.']);
  expect(run.during('closing').client.samples).toHaveLength(2);
  expect(run.during('closing').connections).toEqual([]);
});

test('a connection that began earlier is found in a part by its segments, after those that began in it', () => {
  const run = record();
  const { closing, number } = run.during('closing').connection();
  expect(number).toBe(0);
  expect(closing.map(({ flags }) => flags)).toEqual(['F.', '.']);
  expect(run.during('closing').connectionTo(server.port).number).toBe(0);
  expect(() => run.during('closing').connection(1)).toThrow('there is no connection 1 in this part of the run');

  const recording = startRecording();
  shakeHands(recording);
  recording.stage('begin', 'later');
  recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'old' });
  recording.send('client', { flags: 'S', ports: [40_001, server.port] });
  recording.stage('end', 'later');
  const later = viewOf(buildTimeline(recording.end())).during('later');
  expect(later.connections.map((one) => one.number)).toEqual([1]);
  expect([later.connection(0).number, later.connection(1).number]).toEqual([1, 0]);
});

test('between two moments', () => {
  const run = record();
  const fin = run.segments({ flags: 'F.' })[0];
  expect(
    run
      .between(fin)
      .segments()
      .map(({ flags }) => flags),
  ).toEqual(['F.', '.']);
  expect(
    run
      .between(undefined, fin)
      .segments()
      .map(({ flags }) => flags),
  ).toEqual(['S', 'S.', '.', 'F.']);
  expect(run.during('opening').between(fin).segments()).toEqual([]);
});

test('looking for what is not there throws a sentence', () => {
  const run = record();
  expect(() => run.during('no such stage')).toThrow("the run never reached the stage 'no such stage'");
  expect(() => run.connection(1)).toThrow('there is no connection 1');
  expect(() => run.event('e999')).toThrow('there is no event e999');
  expect(() => run.between(0, 0).client.last()).toThrow('ss was not sampled on the client');
});

test('filters', () => {
  const run = record();
  expect(run.segments({ from: 'server' }).map(({ flags }) => flags)).toEqual(['S.', '.']);
  expect(run.client.calls(['connect', 'shutdown']).map(({ api }) => api)).toEqual(['connect', 'shutdown']);
  expect(run.client.calls('shutdown', { by: 'script' })).toEqual([]);
  expect(run.server.states({ localPort: server.port, to: 'LISTEN' })).toHaveLength(1);
  expect(run.server.rows(({ state }) => state === 'CLOSE-WAIT').map(({ row }) => row.recvQ)).toEqual([0, 1]);
});

test('the same connection in a part of the run', () => {
  const run = record();
  const connection = run.connection().during('closing');
  expect(connection.number).toBe(run.connection().number);
  expect(connection.segments.map(({ flags }) => flags)).toEqual(['F.', '.']);
  expect(connection.rows('server').map(({ row }) => row.state)).toEqual(['CLOSE-WAIT', 'CLOSE-WAIT']);
  expect(run.connection().during('opening').closingStates('client')).toEqual([]);
});

test('how an end closed', () => {
  const { closingStates } = record().connection();
  expect(closingStates('client').map(({ to }) => to)).toEqual(['FIN-WAIT-1', 'FIN-WAIT-2']);
  expect(closingStates('server').map(({ to }) => to)).toEqual(['CLOSE-WAIT']);
});

test('rows by port and state', () => {
  const run = record();
  expect(run.server.rows({ state: 'CLOSE-WAIT', peerPort: client.port })).toHaveLength(2);
  expect(run.server.rows({ state: 'CLOSE-WAIT', peerPort: client.port + 1 })).toEqual([]);
  expect(run.server.last({ state: 'LISTEN' }).rows.map(({ local }) => local.port)).toEqual([server.port]);
  expect(run.server.last({ state: 'TIME-WAIT' }).rows).toEqual([]);
});

test('every connection that began, and the first to a port', () => {
  const run = record();
  expect(run.connections.map(({ segments }) => segments.length)).toEqual([5]);
  expect(run.connectionTo(server.port).number).toBe(0);
  expect(() => run.connectionTo(1)).toThrow('there is no connection to port 1 in this part of the run');
});

test('a connection that the server opened is one to the port of the client', () => {
  const recording = startRecording();
  recording.send('server', { flags: 'S' });
  recording.send('client', { flags: 'S.', ack: 1 });
  recording.send('server', { flags: '.', seq: 1, ack: 1 });
  const run = viewOf(buildTimeline(recording.end()));
  expect(run.connectionTo(client.port).opener).toBe('server');
  expect(() => run.connectionTo(server.port)).toThrow('there is no connection to port');
});

test('what programs have read, however they read, in order', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.call('server', { api: 'recv', via: 'raw', target: 'fd 5', returns: { bytes: 5, text: 'hello' } });
  recording.call('server', { api: 'recv', via: 'raw', target: 'fd 5', errno: 'EAGAIN' });
  recording.call('server', { api: 'recv', via: 'raw', target: 'fd 5', returns: { bytes: 0 } });
  const run = viewOf(buildTimeline(recording.end()));
  expect(run.server.reads()).toMatchObject([
    { bytes: 5, text: 'hello' },
    { bytes: 0, text: '' },
  ]);
  expect(run.client.reads()).toEqual([]);
});

test('what recv() only peeked at is not read, and what it threw away has no text', () => {
  const recording = startRecording();
  shakeHands(recording);
  const recv = (bytes: number, text: string | undefined, ...args: unknown[]) =>
    recording.call('server', {
      api: 'recv',
      via: 'raw',
      target: 'fd 5',
      args: [5, 10, ...args],
      local: server,
      remote: client,
      returns: { bytes, text },
    });
  recv(3, 'abc', ['MSG_PEEK']);
  recv(3, 'abc', 'MSG_TRUNC|MSG_PEEK');
  recv(2, undefined, ['MSG_TRUNC']);
  recording.call('server', {
    api: 'read',
    via: 'raw',
    target: 'fd 5',
    args: [5, 10],
    local: server,
    remote: client,
    returns: { bytes: 1, text: 'c' },
  });
  const run = viewOf(buildTimeline(recording.end()));
  expect(run.server.reads()).toMatchObject([
    { bytes: 2, text: '' },
    { bytes: 1, text: 'c' },
  ]);
  expect(textOf(run.connection().reads('server'))).toBe('c');
  expect(bytesOf(run.connection().reads('server'))).toBe(3);
});

test('a setting is the last one the script read or set; one the kernel refused is none', () => {
  const recording = startRecording();
  const sysctl = (args: unknown[], more: object) =>
    recording.call('client', { api: 'sysctl', via: 'host', args, ...more });
  sysctl(['a'], { returns: { before: '60', after: '60' } });
  recording.stage('begin', 'later');
  sysctl(['a', 5], { returns: { before: '60', after: '5' } });
  sysctl(['b'], { errno: 'ENOENT' });
  recording.stage('end', 'later');
  const run = viewOf(buildTimeline(recording.end()));
  expect(run.client.setting('a')?.value).toBe('5');
  expect(run.between(undefined, run.client.calls()[0]).client.setting('a')?.value).toBe('60');
  expect(run.client.setting('b')).toBeUndefined();
  expect(() => run.server.setting('a')).toThrow('the script neither read nor set a of the server in this part');
});

test('a time to what is only known to lie in a wide range is not known', () => {
  const ms = (milliseconds: number) => milliseconds * 1e6;
  const range = { at: ms(100), between: [ms(100), ms(140)] as const };
  expect(() => elapsed({ at: 0 }, range)).toThrow('only known to be between');
  expect(elapsed({ at: 0 }, { at: ms(5000), between: [ms(5000), ms(5040)] })).toBe(5000);
  expect(elapsed({ at: 0 }, { at: ms(100), between: [ms(100), ms(100)] })).toBe(100);
});
