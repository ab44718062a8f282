import { expect, test } from 'vitest';
import { nodeHandleWords, nodeProcessWords, nodeSocketWords } from '../../script/checks/node-words.ts';
import { processWords } from '../../script/checks/process-words.ts';
import { rawCallWords, rawProcessWords } from '../../script/checks/raw-words.ts';
import { wireWords } from '../../script/checks/wire-words.ts';
import { buildTimeline } from '../../timeline/build.ts';
import { shakeHands, startRecording } from '../../timeline/fixtures/recording.ts';
import { viewOf } from './view.ts';

const run = (() => {
  const recording = startRecording();
  shakeHands(recording);
  recording.call('server', { api: 'ioctl', via: 'raw', target: 'fd 3' });
  return viewOf(buildTimeline(recording.end()));
})();

test('a name that is no call is refused, alone or among others', () => {
  const reason = "no call is named 'acept'";
  expect(() => run.server.calls('acept')).toThrow(reason);
  expect(() => run.server.calls(['accept', 'acept'])).toThrow(reason);
  expect(() => run.calls({ api: 'acept' })).toThrow(reason);
  expect(() => run.connection().calls('server', 'acept')).toThrow(reason);
  expect(run.server.calls('accept')).toEqual([]);
});

test('one that the record has is none of these', () => {
  expect(run.server.calls('ioctl')).toHaveLength(1);
});

test('nor is a name of any other kind', () => {
  expect(() => run.server.emits('eror')).toThrow("Node emits nothing that is named 'eror'");
  expect(() => run.connection().emits('server', 'eror')).toThrow("'eror'");
  expect(() => run.operations('dorp')).toThrow("nothing that is done to the wire is named 'dorp'");
  expect(() => run.server.rows({ state: 'FINWAIT1' as 'FIN-WAIT-1' })).toThrow("no state of TCP is named 'FINWAIT1'");
  expect(() => run.server.last({ state: 'FINWAIT1' as 'FIN-WAIT-1' })).toThrow("'FINWAIT1'");
  expect(() => run.server.states({ to: 'FINWAIT1' as 'FIN-WAIT-1' })).toThrow("'FINWAIT1'");
  expect(() => run.server.processes('exited' as 'exit')).toThrow("nothing that becomes of a process is named 'exited'");
  expect(() => run.segments({ role: 'resent' as 'retransmission' })).toThrow("no role of a segment is named 'resent'");
  expect(() => run.segments({ fate: 'lost' as 'dropped' })).toThrow("no fate of a segment is named 'lost'");
  expect(() => run.server.output({ process: 'server' } as never)).toThrow('is named {"process":"server"}');
  expect(run.server.emits('error')).toEqual([]);
  expect(run.operations('drop')).toEqual([]);
});

test('a filter is refused that asks by something else, of a process or a host that is not there, of flags out of order', () => {
  const strange = (filter: object) => () => run.segments(filter);
  expect(strange({ flag: 'S' })).toThrow(
    "a segment cannot be asked for by 'flag': from, flags, fate, role, origin are known",
  );
  expect(strange({ flags: '.S' })).toThrow("no flags are written '.S'");
  expect(strange({ flags: 'SYN' })).toThrow('names no TCP flag');
  expect(strange({ from: 'cleint' })).toThrow("no host is named 'cleint'");
  expect(() => run.calls({ porcess: 'process' } as object)).toThrow("'porcess'");
  expect(() => run.calls({ process: 'no one' })).toThrow("no process of this run is named 'no one'");
  expect(() => run.calls({ by: 'scrpit' as 'script' })).toThrow("'scrpit'");
  expect(() => run.emits({ procces: 'process' } as object)).toThrow("'procces'");
  expect(() => run.server.output('no one')).toThrow("'no one'");
  expect(() => run.server.reads('no one')).toThrow("'no one'");
  expect(() => run.server.rows({ localport: 80 } as object)).toThrow("a row cannot be asked for by 'localport'");
  expect(() => run.server.last({ port: 80 } as object)).toThrow("'port'");
  expect(() => run.server.states({ from: 'LISTEN' } as object)).toThrow("a state cannot be asked for by 'from'");
  expect(run.segments({ from: 'client', flags: 'S' })).toHaveLength(1);
  expect(run.server.output(run.server.calls('ioctl')[0]?.process)).toEqual([]);
});

test('a question is refused that is asked of a host that is not there, with more than it takes, or of no part at all', () => {
  const connection = run.connection();
  const askedOfHost = [
    'arrivals',
    'calls',
    'closingStates',
    'emits',
    'reads',
    'retransmissions',
    'row',
    'rows',
  ] as const;
  for (const name of [...askedOfHost, 'state', 'states'] as const)
    expect(() => connection[name]('cleint' as 'client'), name).toThrow("no host is named 'cleint'");
  expect(() => run.host('cleint' as 'client')).toThrow("no host is named 'cleint'");
  const { processes } = run.server as { processes: (...given: unknown[]) => unknown };
  expect(() => processes('exit', { process: 'client' })).toThrow('processes() takes 1 argument, not 2');
  const [missing] = run.operations('drop');
  for (const part of [run, connection]) {
    expect(() => part.between(missing)).toThrow('between() was given an event that is not there');
    expect(() => part.between(undefined, missing)).toThrow('an event that is not there');
    expect(() => part.between(connection.segments[0], missing)).toThrow('an event that is not there');
    expect(() => part.between({ at: Number.NaN })).toThrow('begins and ends with an event');
  }
  expect(run.between(undefined, connection.segments[0]).segments()).toHaveLength(1);
});

test('every word of a script that is recorded as a call is known', () => {
  // What they do is no call: they wait, or look.
  const waits = new Set(['accepted', 'exited', 'event', 'received']);
  const words = [processWords, rawCallWords, rawProcessWords, nodeProcessWords, nodeHandleWords, nodeSocketWords];
  for (const name of words.flatMap(Object.keys).filter((word) => !waits.has(word)))
    expect(() => run.server.calls(name), name).not.toThrow();
  for (const name of ['sysctl', 'route', 'input', 'endInput', 'close'])
    expect(() => run.server.calls(name), name).not.toThrow();
});

test('every word of the wire that is recorded as an operation is known', () => {
  const looks = new Set(['held', 'quiet', 'next', 'seen']);
  for (const name of Object.keys(wireWords).filter((word) => !looks.has(word)))
    expect(() => run.operations(name), name).not.toThrow();
});
