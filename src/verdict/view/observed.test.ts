// What each question needs to be answered, and that it is unobserved where that is missing.
import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, client, type Recording, server, shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from './view.ts';

const view = (record: (recording: Recording) => void) => {
  const recording = startRecording();
  record(recording);
  return viewOf(buildTimeline(recording.end()));
};
const ends = { local: client, remote: server };
/** The client closes: FIN and ACK, each looked at before and after where `looked`. */
const close = (recording: Recording, looked = true) => {
  recording.step('end');
  recording.call('client', { api: 'shutdown', by: 'node', target: 'socket-1', ...ends });
  const fin = recording.send('client', { flags: 'F.', seq: 1, ack: 1 }, 'hold');
  if (looked) recording.sample(both('FIN-WAIT-1', 'ESTAB'));
  recording.release(fin, 'server');
  if (looked) recording.sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  recording.send('server', { flags: '.', seq: 1, ack: 2 });
  recording.sample(both('FIN-WAIT-2', 'CLOSE-WAIT'));
};

describe('which changes an end went through', () => {
  test('where ss looked around every arrival', () => {
    const run = view((recording) => {
      shakeHands(recording);
      close(recording);
    });
    const { states, closingStates } = run.connection();
    expect(states('server').map(({ to }) => to)).toEqual(['SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT']);
    expect(closingStates('client').map(({ to }) => to)).toEqual(['FIN-WAIT-1', 'FIN-WAIT-2']);
  });

  test('two arrivals with no look between them hide what lay there', () => {
    const run = view((recording) => {
      recording.sample(both());
      const [syn, ack] = [{ flags: 'S' }, { flags: '.', seq: 1, ack: 1 }];
      recording.send('client', syn);
      recording.send('server', { flags: 'S.', ack: 1 });
      recording.send('client', ack);
      recording.sample(both('ESTAB', 'ESTAB'));
    });
    const { states, rows } = run.connection();
    expect(() => states('server')).toThrow(
      /^ss did not look at the server between S 0:0\(0\) .* and \. 1:1\(0\) ack 1 /,
    );
    expect(() => states('client')).toThrow('the client went from CLOSED to ESTABLISHED unseen');
    expect(() => rows('server')).toThrow('ss did not look at the server between');
    expect(() => run.server.rows({ peerPort: client.port })).toThrow('ss did not look at the server between');
    expect(() => run.server.rows({ state: 'TIME-WAIT' })).toThrow('ss did not look at the server between');
    expect(run.server.rows({ state: 'ESTABLISHED' })).toHaveLength(1);
    expect(() => run.server.states()).toThrow('ss did not look at the server between');
  });

  test('a state that a segment stands for and that no sample shows', () => {
    const run = view((recording) => {
      shakeHands(recording);
      close(recording, false);
    });
    expect(() => run.connection().states('client')).toThrow('the client went from ESTABLISHED to FIN-WAIT-2 unseen');
    expect(run.connection().states('server').at(-1)?.to).toBe('CLOSE-WAIT');
  });

  test('what came last and was not looked at', () => {
    const run = view((recording) => {
      shakeHands(recording);
      recording.call('client', { api: 'close', by: 'node', target: 'socket-1', ...ends });
    });
    expect(() => run.connection().states('client')).toThrow(
      'ss did not look at the client after close() returned in client',
    );
    expect(
      run
        .connection()
        .states('server')
        .map(({ to }) => to),
    ).toEqual(['SYN-RECEIVED', 'ESTABLISHED']);
  });
});

describe('in which state an end is', () => {
  test('a call, a segment or the end of its process later than the last sample leaves it open', () => {
    const later: [string, (recording: Recording) => void][] = [
      ['connect() was called in client', (one) => one.call('client', { api: 'connect', errno: 'ETIMEDOUT', ...ends })],
      ['F. 1:1(0) ack 1 was sent', (one) => one.send('client', { flags: 'F.', seq: 1, ack: 1 })],
      [
        'the process client ended',
        (one) =>
          one.record({ type: 'process', host: 'client', process: 'client', edge: 'exit', code: 0, signal: null }),
      ],
    ];
    for (const [what, happen] of later) {
      const run = view((recording) => {
        shakeHands(recording);
        happen(recording);
        recording.step('later');
        recording.call('server', { api: 'getsockopt' });
      });
      const { state, row } = run.connection();
      for (const ask of [state, row]) expect(() => ask('client')).toThrow(`is older: since then ${what}`);
      expect(() => run.client.last()).toThrow('is older');
    }
  });

  test('data and ACKs that it sends later leave the state as it is, and not the row', () => {
    const run = view((recording) => {
      shakeHands(recording);
      recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hi' });
      recording.step('later');
      recording.call('server', { api: 'getsockopt' });
    });
    const { state, row } = run.connection();
    expect(state('client')).toMatchObject({ state: 'ESTABLISHED' });
    expect(() => row('client')).toThrow('is older: since then P. 1:3(2) ack 1 was sent');
    expect(() => run.client.last()).toThrow('is older');
  });

  test('calls that only ask, and those on another socket, change nothing', () => {
    const run = view((recording) => {
      shakeHands(recording);
      recording.call('client', { api: 'getsockopt', ...ends });
      recording.call('client', { api: 'connect', local: { ...client, port: 40001 }, remote: server });
    });
    expect(run.connection().state('client').state).toBe('ESTABLISHED');
    expect(() => run.client.last()).toThrow('is older');
  });

  test("not when the socket's own timer has run out since", () => {
    const waiting = (milliseconds: number) =>
      view((recording) => {
        shakeHands(recording);
        recording.sample(both({ state: 'TIME-WAIT', timer: 'timewait,1sec,0' }, undefined));
        recording.after(milliseconds);
        recording.call('server', { api: 'getsockopt' });
      }).connection();
    expect(waiting(900).state('client').state).toBe('TIME-WAIT');
    expect(() => waiting(1100).state('client')).toThrow("its timer 'timewait' ran out");
  });
});

test('not when the kernel has reported the end of the socket since', () => {
  const after = (reported: boolean) =>
    view((recording) => {
      shakeHands(recording);
      if (reported) recording.destroy('client', { inode: 100 });
      recording.after(1);
      recording.call('server', { api: 'getsockopt' });
    }).connection();
  expect(after(false).state('client').state).toBe('ESTABLISHED');
  expect(() => after(true).state('client')).toThrow('since then the kernel destroyed a socket it shows');
  expect(after(true).state('server').state).toBe('ESTABLISHED');
});

describe('what programs did', () => {
  test('what Node accepted after its reset may be any connection of the port', () => {
    const run = view((recording) => {
      recording.call('server', { api: 'listen', target: 'server-1', local: server });
      shakeHands(recording);
      recording.send('client', { flags: 'R.', seq: 1, ack: 1 });
      for (const socket of ['socket-1', 'socket-2'])
        recording.record({
          ...{ type: 'emit', host: 'server', process: 'server', target: 'server-1', name: 'connection', local: server },
          detail: { socket },
        });
    });
    const reason = 'nothing tells which one it was';
    expect(() => run.connection().emits('server')).toThrow(reason);
    expect(() => run.connection().reads('server')).toThrow(reason);
    expect(() => run.connection().calls('server')).toThrow(reason);
    expect(run.server.emits('connection')).toHaveLength(2);
  });

  test('a process that makes its calls itself emits nothing, which is not that nothing happened', () => {
    const run = view((recording) => {
      recording.sample(both());
      recording.call('client', { api: 'connect', via: 'raw', target: 'fd 3', ...ends });
      recording.send('client', { flags: 'S' });
      recording.sample(both('SYN-SENT'));
    });
    expect(() => run.connection().emits('client', 'error')).toThrow('the process client makes its calls itself');
    expect(() => run.client.emits('error', { process: 'client' })).toThrow('ask what its calls have returned');
    expect(run.connection().calls('client')).toHaveLength(1);
  });

  const withProgram = () =>
    view((recording) => {
      recording.record({ type: 'process', host: 'server', process: 'nc', edge: 'start', pid: 7, command: 'nc' });
      shakeHands(recording);
      recording.record({
        type: 'call',
        call: 'x',
        host: 'server',
        process: 'nc',
        via: 'process',
        by: 'script',
        api: 'kill',
        args: [],
      });
    });

  test('the calls of a program nobody drives are unobserved, not none', () => {
    const run = withProgram();
    expect(() => run.server.calls('accept')).toThrow('the socket calls of nc were not recorded');
    expect(() => run.server.calls()).toThrow('the socket calls of nc were not recorded');
    expect(() => run.server.calls('accept', { process: 'nc' })).toThrow('the socket calls of nc were not recorded');
    expect(() => run.server.emits('error')).toThrow('what nc read and was told was not recorded');
    expect(() => run.server.reads()).toThrow('what nc read and was told was not recorded');
  });

  test('what the script did to it is recorded, and so are the calls of the others', () => {
    const run = withProgram();
    expect(run.server.calls('kill', { by: 'script' })).toHaveLength(1);
    expect(run.server.calls('accept', { by: 'script' })).toEqual([]);
    expect(run.server.calls('input')).toEqual([]);
    expect(run.server.calls('accept', { process: 'server' })).toEqual([]);
    expect(run.server.calls('listen', { process: 'server' })).toHaveLength(1);
    expect(run.server.reads('server')).toEqual([]);
    expect(run.client.calls('connect')).toHaveLength(1);
    expect(run.client.emits('error')).toEqual([]);
  });

  test('one that was recorded need not be all there were', () => {
    const run = withProgram();
    expect(() => run.server.calls('listen')).toThrow('to ask about another process, name it');
    expect(() => run.calls({ api: 'connect' })).toThrow('the socket calls of nc were not recorded');
    expect(run.calls({ api: 'connect', host: 'client' })).toHaveLength(1);
  });

  test('signals, sysctls and routes that a program may have sent and set are unobserved, whatever the script did', () => {
    const run = withProgram();
    const reason = 'nc ran on the server: which signals it sent, and which sysctls and routes it set, was not recorded';
    for (const api of ['kill', 'freeze', 'sysctl', 'route'] as const)
      expect(() => run.server.calls(api)).toThrow(reason);
    expect(() => run.server.calls('kill', { process: 'server' })).toThrow(reason);
    expect(() => run.calls({ api: ['input', 'sysctl'] })).toThrow(reason);
    expect(() => run.server.processes('stop')).toThrow('nc ran on the server: which signals it sent was not recorded');
    expect(run.server.processes('start')).toHaveLength(1);
    expect(run.client.calls(['kill', 'sysctl'])).toEqual([]);
    expect(run.client.processes('stop')).toEqual([]);
  });

  test('a setting is stale once a program has run that may have set it', () => {
    const sysctl = (recording: Recording) =>
      recording.call('server', {
        api: 'sysctl',
        via: 'host',
        process: 'kernel',
        args: ['net.ipv4.tcp_fin_timeout'],
        returns: { before: '60', after: '60' },
      });
    const program = (recording: Recording, host: 'client' | 'server') => {
      recording.after(1);
      recording.record({ type: 'process', host, process: 'sh', edge: 'start', pid: 7, command: 'sh' });
      recording.after(1);
      recording.record({ type: 'process', host, process: 'sh', edge: 'exit', code: 0, signal: null });
    };
    const settingOf = (record: (recording: Recording) => void) =>
      view(record).server.setting('net.ipv4.tcp_fin_timeout');
    const before = view((recording) => {
      sysctl(recording);
      program(recording, 'server');
    });
    expect(() => before.server.setting('net.ipv4.tcp_fin_timeout')).toThrow(
      /^sh ran on the server after the script had read or set net\.ipv4\.tcp_fin_timeout/,
    );
    const [started] = before.server.processes('start');
    expect(before.between(undefined, started).server.setting('net.ipv4.tcp_fin_timeout')?.value).toBe('60');
    expect(
      settingOf((recording) => {
        program(recording, 'server');
        sysctl(recording);
        program(recording, 'client');
      })?.value,
    ).toBe('60');
  });

  test('a driven process that was told nothing is no such program', () => {
    const run = view((recording) => {
      recording.record({ type: 'process', host: 'server', process: 'idle', edge: 'start', pid: 7, driven: true });
      shakeHands(recording);
    });
    expect(run.server.calls('accept')).toEqual([]);
    expect(run.server.calls(undefined, { process: 'idle' })).toEqual([]);
  });

  test('an end of a connection that a driven process holds, or listened for, is witnessed', () => {
    const run = withProgram();
    expect(run.connection().emits('server', 'error')).toEqual([]);
    const unknown = view((recording) => {
      recording.record({ type: 'process', host: 'server', process: 'nc', edge: 'start', pid: 7, command: 'nc' });
      recording.sample(both());
      recording.send('client', { flags: 'S' });
      recording.sample(both('SYN-SENT', 'SYN-RECV'));
    });
    expect(() => unknown.connection().calls('server')).toThrow('nc may hold it');
    expect(unknown.connection().calls('client')).toEqual([]);
  });
});

test('the rows of the last sample bear its id', () => {
  const run = view(shakeHands);
  const { id, rows } = run.server.last({ state: 'LISTEN' });
  expect(rows).toMatchObject([{ id, local: { port: server.port } }]);
});

test('whether a process ended in a part whose edge the span of its end crosses nobody knows', () => {
  const recording = startRecording();
  shakeHands(recording);
  recording.record({ type: 'process', host: 'client', process: 'client', edge: 'start', driven: true });
  recording.after(1000);
  recording.stage('begin', 'just before');
  recording.after(50);
  recording.stage('end', 'just before');
  recording.after(50);
  recording.record({ type: 'process', host: 'client', process: 'client', edge: 'exit', code: null, signal: 'SIGKILL' });
  const run = viewOf(buildTimeline(recording.end()));
  expect(run.client.processes('exit')).toHaveLength(1);
  expect(() => run.during('just before').client.processes('exit')).toThrow('whether client ended here is not known');
  expect(run.during('just before').client.processes('start')).toEqual([]);
});

test('a recv() that spans the edge of a part has read where it returned', () => {
  const recording = startRecording();
  shakeHands(recording);
  const socket = { local: client, remote: server, via: 'raw' } as const;
  recording.stage('begin', 'asked');
  recording.call('client', { api: 'recv', args: [3, 10], ...socket, returns: { bytes: 4, text: 'wake' } }, () => {
    recording.stage('end', 'asked');
    recording.stage('begin', 'given');
    recording.after(1);
  });
  recording.stage('end', 'given');
  const run = viewOf(buildTimeline(recording.end()));
  const [asked, given] = [run.during('asked'), run.during('given')];
  expect([asked.client.reads(), given.client.reads().map(({ text }) => text)]).toEqual([[], ['wake']]);
  expect(asked.client.calls('recv')).toMatchObject([{ api: 'recv' }]);
  expect(asked.client.calls('recv')[0]?.returned).toBeUndefined();
});

test('a process of Node makes calls that are not recorded: that it made none is not known', () => {
  const recording = startRecording();
  for (const host of ['client', 'server'] as const)
    recording.record({ type: 'process', host, process: host, edge: 'start', driven: true });
  shakeHands(recording);
  const run = viewOf(buildTimeline(recording.end()));
  for (const api of ['accept', 'recv', 'send', 'socket', 'bind'])
    expect(() => run.server.calls(api)).toThrow(`whose own ${api} is not recorded`);
  expect(() => run.connection().calls('client', 'send')).toThrow('whose own send is not recorded');
  expect(run.server.calls('close')).toEqual([]);
});
