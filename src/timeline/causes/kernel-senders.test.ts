// What kernels send of their own accord, for programs and for calls that go on: told from what the program or the call has sent.
import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { both, client, server, shakeHands, startRecording } from '../fixtures/recording.ts';
import { tellSegments, tellStates } from '../fixtures/telling.ts';
import type { ProcessEvent } from '../schema.ts';

const addresses = {
  client: { target: 'socket-1', local: client, remote: server },
  server: { target: 'socket-1', local: server, remote: client },
};

type Start = Partial<ProcessEvent> & { process: string };

/** After a handshake of a program on the client; what is told leaves its three segments out. */
const begin = (...programs: Start[]) => {
  const recording = startRecording();
  for (const program of programs) recording.record({ type: 'process', host: 'client', edge: 'start', ...program });
  shakeHands(recording, { isDriven: programs.length === 0 });
  const tell = () => {
    const timeline = buildTimeline(recording.end());
    return { timeline, told: tellSegments(timeline).slice(3) };
  };
  return { ...recording, tell };
};
const nc: Start = { process: 'nc' };

/** The program has sent some, and ss shows its row before more leaves after a while, and then what was written meanwhile. */
const more = (
  row: { timer?: string; info: string },
  { counter = '', payload = 'more', flags = 'P.', written = 4 } = {},
) => {
  const { send, sample, count, after, tell } = begin(nc);
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'some' });
  sample(both({ state: 'ESTAB', sendQ: 8, ...row }, 'ESTAB'));
  after(100);
  if (counter) count('client', counter);
  send('client', { flags, seq: 5, ack: 1, payload });
  sample(both({ state: 'ESTAB', sendQ: 8 + written, ...row }, 'ESTAB'));
  return tell()
    .told.at(-1)
    ?.replace(/.* <= /, '');
};

test('new data that a tail loss probe sends for a program are the probe’s', () => {
  const row = { timer: 'on,100ms,0', info: 'cubic rto:204 unacked:1' };
  expect(more(row, { counter: 'TcpExt.TCPLossProbes' })).toContain('timer tail-loss-probe');
  expect(more(row)).toBe('program process');
});

test('what a small window lets through the persist timer sends', () => {
  expect(more({ timer: 'persist,100ms,0', info: 'cubic notsent:4' })).toContain('timer persist');
});

test('a socket that paces sends by a timer what waits and is a whole segment; else Nagle’s algorithm held it until the program said more', () => {
  const bbr = 'bbr:(bw:1000bps) mss:4 cwnd:10 unacked:1 notsent:4 data_segs_out:12 pacing_rate 1000bps';
  expect(more({ timer: 'on,5000ms,0', info: bbr })).toContain('timer pacing');
  expect(more({ timer: 'on,5000ms,0', info: bbr.replace('bbr:(bw:1000bps)', 'cubic') })).toBe('program process');
  // Less was waiting, too few segments have gone, or the wait is longer than the rate makes it.
  for (const [from, to] of [
    ['notsent:4', 'notsent:3'],
    ['data_segs_out:12', 'data_segs_out:9'],
    ['1000bps', '9000000bps'],
  ] as const)
    expect(more({ timer: 'on,5000ms,0', info: bbr.replace(` ${from}`, ` ${to}`) })).toBe('program process');
  expect(more({ timer: 'on,5000ms,0', info: bbr.replace('mss:4', 'mss:1448') })).toBe('program process');
});

test('a whole segment that waited since before is not the program’s, which has written nothing since', () => {
  const info = 'cubic mss:4 cwnd:10 unacked:1 notsent:4 data_segs_out:12';
  expect(more({ timer: 'on,5000ms,0', info }, { written: 0 })).toBe('unknown');
  // The program may have let go what it had kept back.
  expect(more({ timer: 'on,5000ms,0', info: info.replace('mss:4', 'mss:5') }, { written: 0 })).toBe('program process');
});

test('a program that is stopped writes nothing, unless it has children', () => {
  const cause = (children: number | undefined) => {
    const { record, send, sample, after, tell } = begin(nc);
    record({ type: 'process', host: 'client', process: 'nc', edge: 'stop', children });
    after(10);
    send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
    sample(both('ESTAB', 'ESTAB'));
    return tell().timeline.events.findLast(({ kind }) => kind === 'segment')?.cause;
  };
  expect(cause(undefined)).toEqual({ kind: 'unknown' });
  expect(cause(1)).toMatchObject({ kind: 'program' });
});

test('SO_MAX_PACING_RATE makes any socket pace', () => {
  const info = 'cubic mss:4 cwnd:10 unacked:1 notsent:4 data_segs_out:12 pacing_rate 1000bps/1000bps';
  expect(more({ timer: 'on,5000ms,0', info })).toContain('timer pacing');
});

test('a timer that was to run out later has sent nothing', () => {
  expect(more({ timer: 'persist,120ms,0', info: 'cubic notsent:4' })).toBe('program process');
});

test('an ACK long after the kernel has done with what arrived is that of a read of the program', () => {
  const ack = (milliseconds: number) => {
    const { send, sample, after, tell } = begin(nc);
    send('server', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
    after(milliseconds);
    send('client', { flags: '.', seq: 1, ack: 6 });
    sample(both('ESTAB', 'ESTAB'));
    return tell()
      .told.at(-1)
      ?.replace(/.* <= /, '');
  };
  expect(ack(20)).toBe('program process');
  expect(ack(0)).toContain('server P.');
});

test('a program that has ended sends nothing more, unless it has left something behind', () => {
  const cause = (starts: Start[], orphans: number | undefined, ...later: 'descendants-ended'[]) => {
    const { record, send, sample, after, tell } = begin({ process: 'daemon' }, ...starts);
    record({ type: 'process', host: 'client', process: 'daemon', edge: 'exit', code: 0, signal: null, orphans });
    for (const edge of later) record({ type: 'process', host: 'client', process: 'daemon', edge });
    after(10);
    send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
    sample(both('ESTAB', 'ESTAB'));
    return tell().timeline.events.findLast(({ kind }) => kind === 'segment')?.cause;
  };
  expect(cause([nc], 1)).toMatchObject({ kind: 'programs' });
  expect(cause([nc], undefined)).toMatchObject({ kind: 'program' });
  expect(cause([nc], 1, 'descendants-ended')).toMatchObject({ kind: 'program' });
  expect(cause([], 1)).toMatchObject({ kind: 'program' });
  expect(cause([], undefined)).toMatchObject({ kind: 'unknown' });
});

test('TCP_QUICKACK sends an acknowledgement that was put off', () => {
  const { call, send, after, tell } = begin();
  send('server', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  after(10);
  const option = ['IPPROTO_TCP', 'TCP_QUICKACK', 1];
  call('client', { api: 'setsockopt', via: 'raw', ...addresses.client, args: option }, () =>
    send('client', { flags: '.', seq: 1, ack: 6 }),
  );
  expect(tell().told.at(-1)).toBe('client . 1:1(0) ack 6 <= script client.setsockopt');
});

test('close(2) with its descriptor writes nothing, as end() with data does', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'send', via: 'raw', ...addresses.client, args: [4, 'held'] });
  sample(both({ state: 'ESTAB', timer: 'persist,100ms,0', sendQ: 4, info: 'cubic notsent:4' }, 'ESTAB'));
  after(50);
  call('client', { api: 'close', via: 'raw', ...addresses.client, args: [4] }, () => after(50));
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'held' });
  expect(tell().told.at(-1)).toContain('timer persist');
});

test('a FIN that comes again counts where the kernel has dropped the first', () => {
  const { call, send, sample, after, tell } = begin();
  call('client', { api: 'end', ...addresses.client });
  send('client', { flags: 'F.', seq: 1, ack: 1 });
  sample(both('FIN-WAIT-1', 'ESTAB'));
  after(210);
  send('client', { flags: 'F.', seq: 1, ack: 1 });
  send('server', { flags: '.', seq: 1, ack: 2 });
  sample(both('FIN-WAIT-2', 'CLOSE-WAIT'));
  const { timeline } = tell();
  expect(timeline.gaps).toEqual([]);
  expect(tellStates(timeline, 'server').at(-1)).toBe('ESTABLISHED CLOSE-WAIT <= client F. 1:1(0) ack 1');
});

test('ECE beside an ACK changes nothing of what it is', () => {
  const { send, sample, count, after, tell } = begin();
  sample(both({ state: 'ESTAB', timer: 'keepalive,500ms,0' }, 'ESTAB'));
  after(510);
  count('client', 'TcpExt.TCPKeepAlive');
  send('client', { flags: '.E', seq: 0, ack: 1 });
  send('server', { flags: '.E', seq: 1, ack: 1 });
  sample(both('ESTAB', 'ESTAB'));
  expect(tell().told).toEqual([
    'client .E 0:0(0) ack 1 keepalive-probe <= timer keepalive in s13',
    'server .E 1:1(0) ack 1 keepalive-answer <= client .E 0:0(0) ack 1',
  ]);
});

test('a challenge ACK for data that are in order repeats nothing', () => {
  const { inject, send, sample, tell } = begin();
  inject('client', { flags: 'P.', seq: 1, ack: 9000, payload: 'x' });
  send('server', { flags: '.', seq: 1, ack: 1 });
  sample(both('ESTAB', 'ESTAB'));
  expect(tell().told.at(-1)).toBe('server . 1:1(0) ack 1 <= client P. 1:2(1) ack 9000');
});

test('data that a SYN bore and its repetition leaves out are sent again after the handshake', () => {
  const { send, sample, after, end } = startRecording();
  send('client', { flags: 'S', payload: 'early' }, 'drop');
  after(1000);
  send('client', { flags: 'S' });
  send('server', { flags: 'S.', ack: 1 });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'early' });
  sample(both('ESTAB', 'ESTAB'));
  expect(tellSegments(buildTimeline(end())).at(-1)).toContain('client P. 1:6(5) ack 1 retransmission');
});
