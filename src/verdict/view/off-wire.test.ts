// What no segment on the wire tells: absence is an answer only where ss and its reports, or the calls, could have shown
// the contrary.
import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, client, type Recording, server, shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from './view.ts';

const view = (record: (recording: Recording) => void) => {
  const recording = startRecording();
  record(recording);
  return viewOf(buildTimeline(recording.end()));
};
/** A stage with its own samples at both ends, which show these rows besides the listener's. */
const inStage = (recording: Recording, name: string, happen: () => void, begin = both(), end = begin) => {
  recording.after(1);
  recording.stage('begin', name);
  recording.sample(begin, { reason: `begin of stage ${name}` });
  happen();
  recording.sample(end, { reason: `end of stage ${name}` });
  recording.stage('end', name);
  recording.after(1);
};
const nobody = { address: '0.0.0.0', port: 0 };
const at = (port: number, address = server.address) => ({ address, port });
const listener = (port: number) => ({ local: at(port), peer: nobody, inode: 9 });
/** The server's process makes a call on a socket of a port. */
const call = (recording: Recording, api: string, port: number) =>
  recording.call('server', { api, via: 'raw', target: `fd ${port}`, local: at(port) });
const start = (recording: Recording, process: string) =>
  recording.record({ type: 'process', host: 'server', process, edge: 'start', pid: 7, command: process });
const exit = (recording: Recording, process: string, more: object = {}) =>
  recording.record({ type: 'process', host: 'server', process, edge: 'exit', code: 0, signal: null, ...more });

describe('a host that talked to itself', () => {
  /** 40002 of the server connects to itself, in the stage 'itself'. */
  const itself = { local: at(40002), peer: at(40002) };
  const ends = { local: itself.local, remote: itself.peer };
  const run = view((recording) => {
    const idle = both('ESTAB', 'ESTAB');
    const beside = (row: { state: string; inode?: number }) => ({
      ...idle,
      server: [...idle.server, { ...itself, ...row }],
    });
    const waiting = beside({ state: 'TIME-WAIT', inode: 0 });
    inStage(recording, 'handshake', () => shakeHands(recording), both(undefined, undefined, false), idle);
    const connectAndClose = () => {
      recording.call('server', { api: 'connect', via: 'raw', target: 'fd 3', ...ends });
      recording.sample(beside({ state: 'ESTAB' }));
      recording.call('server', { api: 'close', via: 'raw', target: 'fd 3', ...ends });
      recording.sample(waiting);
    };
    inStage(recording, 'itself', connectAndClose, idle, waiting);
    const say = () => void recording.send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hi' });
    inStage(recording, 'later', say, waiting);
  });
  const stage = run.during('itself');

  test('its segments and connections are not captured: that there were none is no answer', () => {
    const reason = 'connections of a host with itself are not captured';
    expect(() => stage.segments()).toThrow(reason);
    expect(() => stage.segments({ flags: 'S' })).toThrow(reason);
    expect(() => run.segments({ from: 'server' })).toThrow(reason);
    expect(() => stage.connections).toThrow(reason);
  });

  test('what the question leaves out, or what was found, is one', () => {
    expect(stage.segments({ from: 'client' })).toEqual([]);
    expect(stage.segments({ fate: 'dropped' })).toEqual([]);
    expect(stage.segments({ origin: 'inject' })).toEqual([]);
    expect(run.segments({ flags: 'S.' })).toHaveLength(1);
    expect(run.connection().segments).toHaveLength(4);
    expect(run.during('handshake').segments()).toHaveLength(3);
    expect(run.during('handshake').connections).toHaveLength(1);
    expect(run.during('later').segments()).toHaveLength(1);
  });

  test('what ss shows of its socket need not be all it went through', () => {
    const reason = /the socket 192\.0\.2\.2:40002 of the server went from CLOSED to ESTABLISHED, .* nobody saw/;
    expect(() => stage.server.rows({ localPort: 40002 })).toThrow(reason);
    expect(() => stage.server.rows({ state: 'SYN-SENT' })).toThrow(reason);
    expect(() => stage.server.states({ localPort: 40002 })).toThrow(reason);
    expect(stage.server.rows({ state: 'TIME-WAIT' })).toHaveLength(2);
    expect(stage.server.rows({ state: 'SYN-SENT', localPort: 50001 })).toEqual([]);
    expect(stage.server.states({ localPort: 50001 })).toEqual([]);
    expect(stage.client.rows({ state: 'FIN-WAIT-1' })).toEqual([]);
  });

  test('a call that failed at once leaves nothing but itself, and a report', () => {
    const refused = view((recording) =>
      inStage(recording, 'refused', () => {
        recording.sample(both());
        const args = [3, 9, '127.0.0.1'];
        recording.call('server', { api: 'connect', via: 'raw', target: 'fd 3', errno: 'ECONNREFUSED', args });
        recording.sample(both());
      }),
    ).during('refused');
    expect(() => refused.segments()).toThrow('the server talked to itself');
    expect(() => refused.server.rows({ state: 'SYN-SENT' })).toThrow('connect() was called in server');
    const reported = view((recording) =>
      inStage(recording, 'refused', () => {
        start(recording, 'python3');
        recording.destroy('server', { local: at(40003, '0.0.0.0'), peer: at(0, '127.0.0.1') });
        exit(recording, 'python3');
      }),
    ).during('refused');
    expect(() => reported.segments()).toThrow('the server talked to itself');
  });
});

describe('a socket the kernel destroyed and ss never showed', () => {
  const run = view((recording) => {
    inStage(recording, 'before', () => {});
    inStage(recording, 'short', () => {
      call(recording, 'listen', 50098);
      call(recording, 'close', 50098);
      recording.destroy('server', listener(50098));
    });
    inStage(recording, 'after', () => {});
  });

  test('may have been what is asked for', () => {
    const { rows, states } = run.during('short').server;
    const reason = 'the kernel destroyed a socket of the server that ss never showed, 192.0.2.2:50098';
    expect(() => rows({ state: 'LISTEN', localPort: 50098 })).toThrow(reason);
    expect(() => rows({ state: 'FIN-WAIT-1' })).toThrow(reason);
    expect(() => rows(({ recvQ }) => recvQ > 0)).toThrow(reason);
    expect(() => states({ localPort: 50098 })).toThrow(reason);
  });

  test('was none of other ports, of the other host, or of another time', () => {
    expect(run.during('short').server.rows({ state: 'LISTEN', localPort: 50097 })).toEqual([]);
    expect(run.during('short').client.rows({ state: 'LISTEN' })).toEqual([]);
    expect(run.during('before').server.rows({ state: 'SYN-SENT' })).toEqual([]);
    expect(run.during('after').server.states()).toEqual([]);
  });

  test('was never more than bound, by the calls on it', () => {
    const bound = view((recording) =>
      inStage(recording, 'bound', () => {
        call(recording, 'bind', 50098);
        call(recording, 'close', 50098);
        recording.destroy('server', listener(50098));
      }),
    );
    expect(bound.server.rows({ state: 'SYN-SENT' })).toEqual([]);
  });

  test('is the same as one that ss has shown, by its cookie', () => {
    const shown = view((recording) => {
      inStage(recording, 'listens', () => {
        call(recording, 'listen', 50099);
        const { server: rows } = both();
        recording.sample({ client: [], server: [...rows, { state: 'LISTEN', ...listener(50099) }] });
        call(recording, 'close', 50099);
      });
    });
    expect(shown.server.states({ localPort: 50099 }).map(({ to }) => to)).toEqual(['LISTEN', 'CLOSED']);
  });
});

test('a listener that nobody looked at before the part was over', () => {
  const run = view((recording) => {
    recording.sample(both());
    call(recording, 'listen', 50099);
    recording.stage('note', 'over');
    recording.sample(both());
  });
  const part = run.between(undefined, run.notes()[0]);
  expect(() => part.server.rows({ state: 'LISTEN', localPort: 50099 })).toThrow(
    'ss did not look at the server after listen() was called in server',
  );
  expect(part.server.rows({ state: 'LISTEN', localPort: 50098 })).toEqual([]);
});

describe('where a program ran', () => {
  const withProgram = (end: (recording: Recording) => void) =>
    view((recording) => {
      inStage(recording, 'before', () => {});
      inStage(recording, 'meanwhile', () => start(recording, 'python3'));
      end(recording);
      inStage(recording, 'after', () => {});
    });
  const ended = withProgram((recording) => exit(recording, 'python3'));
  const reason = 'python3 ran on the server and its calls were not recorded';

  test('a socket may have come and gone between two samples', () => {
    const { server: host, client: other } = ended.during('meanwhile');
    expect(() => host.rows({ state: 'CLOSE-WAIT' })).toThrow(reason);
    expect(() => host.rows({ localPort: 1 })).toThrow(reason);
    expect(() => host.states()).toThrow(reason);
    expect(other.rows({ state: 'LISTEN' })).toEqual([]);
  });

  test('what ss shows is an answer all the same', () => {
    expect(ended.during('meanwhile').server.rows({ state: 'LISTEN' })).toHaveLength(2);
  });

  test('not before it began, nor after it ended, unless it has left something behind', () => {
    expect(ended.during('before').server.rows({ state: 'CLOSE-WAIT' })).toEqual([]);
    expect(ended.during('after').server.rows({ state: 'CLOSE-WAIT' })).toEqual([]);
    const daemon = withProgram((recording) => exit(recording, 'python3', { orphans: 1 }));
    expect(() => daemon.during('after').server.rows({ state: 'CLOSE-WAIT' })).toThrow(reason);
  });

  test('the last sample is what a stage ends with, and any other may be older than what the program did', () => {
    expect(ended.during('meanwhile').server.last({ state: 'CLOSE-WAIT' }).rows).toEqual([]);
    const run = view((recording) => {
      start(recording, 'python3');
      recording.sample(both());
      recording.after(1000);
      recording.stage('note', 'later');
    });
    expect(() => run.between(undefined, run.notes()[0]).server.last({ state: 'CLOSE-WAIT' })).toThrow(
      'is older: since then python3 went on',
    );
  });
});

test('the row of an end that a program may hold is not that of the last sample for ever', () => {
  const ends = { local: client, remote: server };
  const held = (more: (recording: Recording) => void) =>
    view((recording) => {
      more(recording);
      recording.sample(both());
      recording.send('client', { flags: 'S' });
      recording.sample(both('SYN-SENT', 'SYN-RECV'));
      recording.after(1000);
      recording.stage('note', 'later');
    });
  const program = held((recording) =>
    recording.record({ type: 'process', host: 'client', process: 'nc', edge: 'start', pid: 7, command: 'nc' }),
  );
  const driven = held((recording) => recording.call('client', { api: 'connect', via: 'raw', target: 'fd 3', ...ends }));
  const connectionOf = (run: typeof program) => run.connection().between(undefined, run.notes()[0]);
  expect(() => connectionOf(program).row('client')).toThrow('since then nc went on');
  expect(connectionOf(program).state('client').state).toBe('SYN-SENT');
  expect(connectionOf(driven).row('client').row.state).toBe('SYN-SENT');
});
