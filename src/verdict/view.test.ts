import { expect, test } from 'vitest';
import { buildTimeline } from '../timeline/build.ts';
import { both, client, server, shakeHands, startRecording } from '../timeline/fixtures/recording.ts';
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
