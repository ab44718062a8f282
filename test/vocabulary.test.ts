// What the vocabulary promises, word by word: scripts that use each word, judged by what tcpdump and ss saw.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPcap } from '../src/packet/pcap.ts';
import type { Sample } from '../src/record/samples.ts';
import { wireWords } from '../src/report/words/words.ts';
import type {
  CallEvent,
  EmitEvent,
  SegmentEvent,
  StateEvent,
  Timeline,
  TimelineEvent,
} from '../src/timeline/schema.ts';
import {
  finwait,
  fixture,
  leftOpen,
  projectFolder,
  readDocument,
  readTimeline,
  resultsFolder,
  runFolder,
} from './finwait.ts';

const results = resultsFolder();
const words = ['wire-words', 'cut-and-link', 'node-words', 'raw-words', 'host-words', 'over-ipv6', 'host-sysctls'];
const scenarios = ['lost-third-ack', 'accept-queue-overflow', 'zero-window', 'odd-keepalive', 'data-to-closed-peer'];
let run: Awaited<ReturnType<typeof finwait>>;
let timelines: Record<string, Timeline>;

beforeAll(async () => {
  run = await finwait(['run', ...[...words, ...scenarios].map(fixture), '--json', '--results', results]);
  timelines = Object.fromEntries(
    [...words, ...scenarios].map((name) => [name, readTimeline(runFolder(results, name))]),
  );
}, 120_000);

test('every script comes to its end, no witness is blind, everything has a cause', () => {
  expect(run.exitCode, leftOpen(readDocument(run.stdout))).toBe(0);
  for (const timeline of Object.values(timelines)) {
    expect(timeline.gaps).toEqual([]);
    expect(
      timeline.events.filter(
        (event) =>
          (event.kind === 'segment' || event.kind === 'state') && (event.cause?.kind ?? 'unknown') === 'unknown',
      ),
    ).toEqual([]);
  }
});

describe('the wire', () => {
  const stage = (name: string) => part('wire-words', name);
  const data = (name: string, from = 'client') =>
    stage(name).segments.filter((one) => one.from === from && one.length > 0);

  test('cut loses everything, restore ends it', () => {
    const sent = data('cut and restore');
    expect(sent[0]).toMatchObject({ fate: 'dropped', text: 'P. 1:4(3) ack 1' });
    expect(sent[0]?.receivedAt).toBeUndefined();
    expect(sent.at(-1)).toMatchObject({ fate: 'delivered', role: 'retransmission' });
    expect(stage('cut and restore').notes).toEqual(['next: P. 1:4(3) ack 1']);
  });

  test('cut of one direction leaves the other', () => {
    expect(data('cut one direction')[0]).toMatchObject({ fate: 'delivered' });
    const answers = stage('cut one direction').segments.filter(
      ({ from, at }) => from === 'server' && at > (data('cut one direction')[0]?.at ?? 0),
    );
    expect(answers[0]).toMatchObject({ flags: '.', fate: 'dropped' });
    expect(answers.at(-1)).toMatchObject({ flags: '.', fate: 'delivered' });
  });

  test('drop with times loses so many, and no more', () => {
    expect(data('drop twice').map(({ fate }) => fate)).toEqual(['dropped', 'dropped', 'delivered']);
  });

  test('drop without times loses until it is ended', () => {
    const fates = data('drop until ended').map(({ fate }) => fate);
    expect(fates.slice(0, -1).every((fate) => fate === 'dropped')).toBe(true);
    expect(fates.at(-1)).toBe('delivered');
    expect(stage('drop until ended').operations).toEqual(['drop', 'end of drop']);
  });

  test('hold keeps segments back, release delivers them in the order chosen', () => {
    const { notes } = stage('hold and release');
    expect(notes).toEqual(['held: P. 1:4(3) ack 1, P. 4:9(5) ack 1, P. 9:17(8) ack 1', 'held afterwards: 0']);
    const arrived = data('hold and release').toSorted((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0));
    expect(arrived.slice(0, 3).map(({ length }) => length)).toEqual([8, 3, 5]);
    const [release] = stage('hold and release').events.filter(
      (event) => event.kind === 'wire' && event.operation === 'release',
    );
    for (const { sentAt, receivedAt } of arrived.slice(0, 3)) {
      expect(sentAt).toBeLessThan(release?.at ?? 0);
      expect(receivedAt).toBeGreaterThan(release?.at ?? 0);
    }
  });

  test('delay delivers late by the time asked for, until it is ended', () => {
    const [late, ...rest] = data('delay').filter(({ role }) => role === undefined);
    expect(transit(late)).toBeGreaterThanOrEqual(600);
    expect(transit(rest.at(-1))).toBeLessThan(600);
  });

  test('duplicate delivers twice, and the copy is known as one', () => {
    const [original, copy] = data('duplicate');
    expect(original).toMatchObject({ origin: 'host', fate: 'delivered' });
    expect(copy).toMatchObject({ origin: 'duplicate', copyOf: original?.id, text: original?.text, fate: 'delivered' });
    expect(copy?.receivedAt).toBeGreaterThan(original?.receivedAt ?? Number.POSITIVE_INFINITY);
    expect(copy?.packet.client).toBeUndefined();
  });

  test('replay delivers an earlier segment again', () => {
    const [original, copy] = data('replay');
    expect(copy).toMatchObject({ origin: 'replay', copyOf: original?.id, fate: 'delivered', cause: { kind: 'wire' } });
  });

  test('inject delivers a segment made from fields, with right checksums, which the kernel takes for the peer’s', () => {
    const { segments, notes, emits } = stage('inject');
    const made = segments.find(({ origin }) => origin === 'inject');
    expect(made).toMatchObject({
      from: 'server',
      flags: 'R',
      seq: 1,
      checksumOk: true,
      fate: 'delivered',
      cause: { kind: 'wire' },
    });
    expect(notes).toEqual(['injected: server R 1:1(0)']);
    expect(emits.find(({ name }) => name === 'error')).toMatchObject({ host: 'client', code: 'ECONNRESET' });
  });

  test('inject needs no connection', () => {
    const [syn, answer] = stage('inject from nobody').segments;
    expect(syn).toMatchObject({
      origin: 'inject',
      flags: 'S',
      source: { port: 4000 },
      destination: { port: 4001 },
      options: { mss: 1000 },
      absolute: { seq: 7 },
    });
    expect(answer).toMatchObject({ origin: 'host', from: 'server', flags: 'R.', absolute: { ack: 8 } });
  });

  test('freeRun takes no samples around segments, lockstep does', () => {
    const around = (name: string) => stage(name).samples.filter(({ reason }) => /frame/.test(reason)).length;
    expect(stage('freeRun').segments.length).toBeGreaterThanOrEqual(5);
    expect(around('freeRun')).toBe(0);
    expect(around('lockstep')).toBe(stage('lockstep').segments.length * 4);
    expect(timelines['wire-words']?.wireMode).toBe('mixed');
  });

  test('a cut wins over every rule, and over what waited on the wire or is put there', () => {
    const { segments, operations } = part('cut-and-link', 'cut');
    expect(operations).toEqual([
      'hold',
      'delay',
      'duplicate',
      'cut',
      'release',
      'inject',
      'replay',
      'end of duplicate',
      'restore',
    ]);
    const restored = part('cut-and-link', 'cut').events.find(
      (event) => event.kind === 'wire' && event.operation === 'restore',
    );
    const before = segments.filter(({ at }) => at < (restored?.at ?? 0));
    expect(before.map(({ origin, fate }) => [origin, fate])).toEqual(before.map(({ origin }) => [origin, 'dropped']));
    expect(before.map(({ text, origin }) => `${origin} ${text}`)).toEqual(
      expect.arrayContaining(['host P. 1:4(3) ack 1', 'host P. 4:7(3) ack 1', 'inject R 1:1(0)', 'replay S 0:0(0)']),
    );
  });

  test('a cut stops what is not TCP as well', () => {
    const folder = runFolder(results, 'cut-and-link');
    const kinds = (host: string) => {
      const { packets } = readPcap(readFileSync(join(folder, `${host}.pcap`)));
      return new Set(packets.map(({ data }) => (data[13] === 0x06 ? 'ARP' : data[23] === 17 ? 'UDP' : 'TCP')));
    };
    expect(kinds('client')).toEqual(new Set(['TCP', 'ARP', 'UDP']));
    expect(kinds('server')).toEqual(new Set(['TCP']));
  });

  test('the timeline says what was done to the wire in words', () => {
    const { events } = part('cut-and-link', 'cut');
    const said = events.flatMap((event) => (event.kind === 'wire' ? [wireWords(event)] : []));
    expect(said.slice(0, 4)).toEqual([
      'hold, once, data from client',
      'delay by 300 ms, once, data',
      'duplicate, data',
      'cut',
    ]);
    expect(said.slice(5, 6)).toEqual(['inject, R 1:1(0) from server']);
    const own = stage('drop twice').events.find((event) => event.kind === 'wire');
    const line = `test/fixtures/experiments/wire-words.ts:${own?.kind === 'wire' && own.source?.line}`;
    expect(own?.kind === 'wire' && wireWords(own)).toBe(
      `drop, 2 times, segments from client that fit the condition carries at ${line}`,
    );
  });

  test('while a link is down nothing reaches its host and nothing leaves it; then all is as it was', () => {
    const { segments, notes, events } = part('cut-and-link', 'link');
    const lost = segments.filter(({ length }) => length === 9);
    expect(lost[0]).toMatchObject({ from: 'client', fate: 'dropped', linkDown: true });
    expect(lost.at(-1)).toMatchObject({ from: 'client', fate: 'delivered', role: 'retransmission' });
    expect(notes).toEqual(['connect: ENETUNREACH']);
    const said = events.flatMap((event) => (event.kind === 'wire' ? [wireWords(event)] : []));
    expect(said).toEqual(['link of the server down', 'link of the server up']);
    const shown = events.flatMap((event) => (event.kind === 'output' ? [event.text] : [])).join('');
    expect(shown).toMatch(/192\.0\.2\.0\/24 dev wire .*quickack 1/);
    expect(shown).toMatch(/192\.0\.2\.1 dev wire lladdr 02:00:00:00:00:01 PERMANENT/);
    expect(shown).toMatch(/inet 192\.0\.2\.2\/24/);
  });

  test('a link that a program takes down is no fault of the run', () => {
    const { segments } = part('cut-and-link', 'a link a program takes down');
    expect(segments[0]).toMatchObject({ from: 'client', length: 9, fate: 'dropped', linkDown: true });
  });

  test('quiet waits as long as it is asked to', () => {
    const [begin, end] = stage('quiet').bounds;
    const last = timelines['wire-words']?.events.findLast((event) => event.kind === 'segment' && event.at < end);
    expect(end - (last?.at ?? begin)).toBeGreaterThan(300e6);
    expect(stage('quiet').segments).toEqual([]);
  });
});

describe('a Node process', () => {
  const stage = (name: string) => part('node-words', name);

  test('has the name it was given', () => {
    expect(notesOf(timelines['node-words']?.events ?? [])).toContain('names: app on server, browser on client');
  });

  test('listens and connects with the options asked for', () => {
    const { notes, calls, segments, emits } = stage('listen and connect with options');
    expect(notes).toEqual(['SO_KEEPALIVE: 1', 'TCP_KEEPIDLE: 7', 'TCP_NODELAY: 1', 'data: 4 open']);
    expect(segments[0]).toMatchObject({ flags: 'S', source: { port: 45000 } });
    expect(
      rowsOf(stage('listen and connect with options').samples).find(({ state }) => state === 'LISTEN'),
    ).toMatchObject({ sendQ: 3 });
    const end = emits.find(({ name, host }) => name === 'end' && host === 'server');
    const answer = calls.find(({ api, host }) => api === 'write' && host === 'server');
    expect(answer?.at).toBeGreaterThan(end?.at ?? Number.POSITIVE_INFINITY);
    expect(
      emits.filter(({ name, host, target }) => host === 'server' && name === 'close' && target.startsWith('server')),
    ).toHaveLength(1);
  });

  test('leaves data in the kernel while it is paused', () => {
    expect(stage('pauseOnConnect, pause, resume').notes).toEqual(['Recv-Q: 6', 'received: 6', 'received: 11']);
    const queues = rowsOf(stage('pauseOnConnect, pause, resume').samples, 'server')
      .filter(({ state }) => state === 'ESTABLISHED')
      .map(({ recvQ }) => recvQ);
    expect(queues).toContain(6);
    expect(queues.at(-1)).toBe(0);
  });

  test('binds without listening, and listens later', () => {
    const { notes, segments } = stage('bind, then listen');
    expect(notes).toEqual(['error: ECONNREFUSED']);
    expect(segments.map(({ flags }) => flags)).toEqual(['S', 'R.', 'S', 'S.', '.']);
  });

  test('records that a port is taken', () => {
    expect(stage('listen on a port that is taken').notes).toEqual(['error: EADDRINUSE']);
  });

  test('sets and reads the options of a socket', () => {
    const { notes, segments } = stage('options of a socket');
    expect(notes).toEqual([
      'TCP_KEEPIDLE: 9',
      'TCP_KEEPIDLE then: 33',
      'TCP_NODELAY: 1',
      'TCP_USER_TIMEOUT: 5000',
      'SO_LINGER: {"on":true,"seconds":0}',
      'error: ECONNRESET',
    ]);
    expect(segments.at(-1)).toMatchObject({ flags: 'R.', from: 'client' });
  });

  test('resets', () => {
    const reset = stage('resetAndDestroy').segments.at(-1);
    expect(reset).toMatchObject({ flags: 'R.', from: 'client', cause: { kind: 'call' } });
  });

  test('gives a connect up by its own timeout or an AbortSignal', () => {
    const { notes, emits } = stage('connect times out, connect is aborted');
    expect(notes).toEqual(['error: ABORT_ERR']);
    expect(emits.map(({ name }) => name)).toContain('timeout');
  });

  test('reacts by itself', () => {
    const { notes, calls, segments } = stage('reactions');
    expect(notes).toEqual(['received: 14']);
    const answered = segments.find(({ from, length }) => from === 'server' && length === 7);
    const ended = calls.find(({ api }) => api === 'end');
    expect(segments.filter(({ length }) => length > 0).map(({ from, length }) => `${from} ${length}`)).toEqual([
      'server 7',
      'client 7',
      'server 7',
    ]);
    expect((ended?.at ?? 0) - (answered?.at ?? 0)).toBeGreaterThan(55e6);
  });

  test('shares a socket with a child process', () => {
    const { notes, segments, calls } = stage('share');
    expect(notes).toEqual(['child: child']);
    const destroyed = calls.find(({ api, process }) => api === 'destroy' && process === 'app');
    const fin = segments.find(({ from, flags }) => from === 'server' && flags.includes('F'));
    expect(segments.find(({ from, length }) => from === 'server' && length === 14)?.at).toBeGreaterThan(
      destroyed?.at ?? 0,
    );
    expect(calls.find(({ id }) => fin?.cause?.kind === 'call' && fin.cause.event === id)?.process).toBe('child');
  });

  test('is frozen and thawed: in between the kernel answers alone', () => {
    const { events, emits, segments, notes } = stage('freeze and thaw');
    const edges = events.filter((event) => event.kind === 'process');
    expect(edges.map(({ edge }) => edge)).toEqual(['stop', 'continue']);
    const [stopped, continued] = edges.map(({ at }) => at) as [number, number];
    const acknowledged = segments.find(({ from, ack }) => from === 'server' && ack === 7);
    expect(acknowledged?.at).toBeGreaterThan(stopped);
    expect(acknowledged?.at).toBeLessThan(continued);
    expect(emits.find(({ name, process }) => name === 'data' && process === 'app')?.at).toBeGreaterThan(continued);
    expect(notes).toEqual(['received: 6']);
  });

  test('ends as it was told to, before the next call', () => {
    const { notes, events } = stage('ends');
    expect(notes).toEqual([
      'exit: {"code":3,"signal":null}',
      'crash: {"code":1,"signal":null}',
      'kill: {"code":null,"signal":"SIGTERM"}',
      'kill -9: {"code":null,"signal":"SIGKILL"}',
    ]);
    const edges = events.filter((event) => event.kind === 'process').map(({ edge, process }) => `${process} ${edge}`);
    expect(edges).toEqual(
      ['leaves', 'crashes', 'killed', 'killed nine'].flatMap((name) => [`${name} start`, `${name} exit`]),
    );
  });

  test('is held to its limits', () => {
    const { segments, events } = stage('a limit of descriptors');
    const accepted = events.filter(
      (event) => event.kind === 'emit' && event.process === 'poor' && event.name === 'connection',
    );
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.length).toBeLessThan(10);
    expect(segments.filter(({ flags }) => flags === 'S')).toHaveLength(10);
  });
});

describe('a raw process', () => {
  const stage = (name: string) => part('raw-words', name);

  test('makes every call of a connection', () => {
    expect(stage('a connection').notes.slice(2)).toEqual([
      'connect: 0',
      'send: 5',
      'recv: 5 5 hello',
      'shutdown: 0',
      'end of stream: 0',
      'dup: true',
      'recv: 1000',
    ]);
    const fins = stage('a connection').segments.filter(({ flags }) => flags.includes('F'));
    const causes = fins.map(
      ({ cause }) => stage('a connection').calls.find(({ id }) => cause?.kind === 'call' && cause.event === id)?.api,
    );
    expect(causes).toEqual(['shutdown', 'close']);
  });

  test('a call that blocks leaves the process to its other calls', () => {
    const accept = stage('a connection').calls.find(({ api }) => api === 'accept');
    const connect = stage('a connection').calls.find(({ api }) => api === 'connect');
    expect(accept?.at).toBeLessThan(connect?.at ?? 0);
    expect(accept?.returned?.at).toBeGreaterThan(connect?.at ?? 0);
  });

  test('tells errors by their names', () => {
    expect(stage('errors are results').notes).toEqual([
      'refused: ECONNREFUSED',
      'bad descriptor: EBADF',
      'in progress: EINPROGRESS',
      'would block: EAGAIN',
      'broken pipe: EPIPE',
    ]);
  });

  test('sets and reads options', () => {
    expect(stage('options').notes).toEqual(['SO_LINGER: {"on":true,"seconds":3}']);
    expect(stage('options').segments[0]?.options.mss).toBe(600);
  });

  test('peeks, and shares a descriptor with a child', () => {
    expect(stage('a peek').notes).toEqual(['peek: pe', 'recv: peek', 'from the sharer: shared']);
    expect(stage('a peek').segments.at(-1)).toMatchObject({ from: 'client', flags: '.' });
    const fin = stage('a peek').segments.find(({ flags }) => flags.includes('F'));
    expect(fin).toMatchObject({ from: 'server' });
    expect(['call', 'process-end']).toContain(fin?.cause?.kind);
  });

  test('can be killed while a call blocks', () => {
    const accept = stage('an accept that blocks while its process is killed').calls.find(({ api }) => api === 'accept');
    expect(accept?.returned).toBeUndefined();
    expect(notesOf(timelines['raw-words']?.events ?? [])).toContain('exit: {"code":5,"signal":null}');
  });
});

describe('a host', () => {
  const stage = (name: string) => part('host-words', name);

  test('reads and sets sysctls of its own', () => {
    expect(stage('sysctl').notes).toEqual([
      'set by the experiment: 9',
      'before: 60',
      'after: 1',
      expect.stringMatching(/^three numbers: \d+ \d+ \d+$/),
      'three numbers then: 4096 8192 16384',
    ]);
    expect(
      readDocument(run.stdout).runs.find(({ experiment }) => experiment === 'host-words')?.environment.sysctls,
    ).toContainEqual({
      host: 'server',
      name: 'net.ipv4.tcp_fin_timeout',
      value: '9',
      default: '60',
    });
  });

  test('waits for a state and for a socket to be gone', () => {
    const { notes, states } = stage('until, untilGone, sockets');
    expect(notes).toEqual(['sockets: ESTABLISHED', 'all sockets of the server: 2', 'timer: timewait']);
    const waiting = states.find(({ host, to }) => host === 'client' && to === 'FIN-WAIT-2');
    expect((waiting?.dwell ?? 0) / 1e6).toBeGreaterThan(980);
    // Linux waits three and a half times the RTO where that is longer (tcp_fin_time() in include/net/tcp.h): load makes it so.
    expect((waiting?.dwell ?? 0) / 1e6).toBeLessThan(5000);
  });

  test('observe samples both hosts while time passes', () => {
    const [begin, end] = stage('observe').bounds;
    expect(end - begin).toBeGreaterThan(300e6);
    const observed = (host: string) =>
      stage('observe').samples.filter((one) => one.host === host && one.reason === 'observe').length;
    expect(observed('client')).toBeGreaterThanOrEqual(3);
    expect(observed('server')).toBe(observed('client'));
  });

  test('runs any program, with its input, output and end', () => {
    expect(stage('spawn').notes).toEqual([
      'output: hello from /tmp',
      'exited: {"code":6,"signal":null}',
      'in vain: EENDED mute on the client ended (exit code 3) and has not printed /that/. Its last words: this',
      'name: sleep',
      'killed: {"code":null,"signal":"SIGKILL"}',
    ]);
  });
});

test('a host is set to what a new network namespace of this machine is, but for the size of its table of sockets', () => {
  const list = (timelines['host-sysctls']?.events ?? [])
    .flatMap((one) => (one.kind === 'output' ? [one.text] : []))
    .join('');
  const where = '/proc/sys/net/ipv4 /proc/sys/net/core --exclude-dir=conf --exclude-dir=neigh';
  const usual = execFileSync('unshare', ['--net', 'sh', '-c', `grep -rs '' ${where}; true`], {
    encoding: 'utf8',
  }).split('\n');
  const differing = list.split('\n').filter((line) => !usual.includes(line) && !line.includes('fastopen_key'));
  expect(usual.length).toBeGreaterThan(100);
  expect(list.split('\n')).toHaveLength(usual.length);
  expect(
    differing.every((line) => line === '/proc/sys/net/ipv4/tcp_ehash_entries:4096'),
    differing.join(),
  ).toBe(true);
});

describe('a program called node', () => {
  test('is the one on the PATH of the user, whatever npm puts before it; the record names it', async () => {
    const folder = resultsFolder();
    const own = join(folder, 'bin');
    mkdirSync(own);
    writeFileSync(join(own, 'node'), '#!/bin/sh\necho v0.0.1\n', { mode: 0o755 });
    const path = [
      join(projectFolder, 'node_modules/.bin'),
      '/node_modules/.bin',
      '/npm/node-gyp-bin',
      own,
      process.env.PATH,
    ].join(':');
    const env = {
      PATH: path,
      npm_execpath: '/npm/npm-cli.js',
      npm_config_json: 'true',
      INIT_CWD: '/',
      NODE: '/npm/node',
    };
    const { exitCode, stdout } = await finwait(['run', fixture('which-node'), '--json', '--results', folder], { env });
    expect(exitCode, String(stdout)).toBe(0);
    const { events } = readTimeline(runFolder(folder, 'which-node'));
    const of = (name: string) => {
      const started = events.find((event) => event.kind === 'process' && event.process === name);
      const output = events
        .flatMap((one) => (one.kind === 'output' && one.process === name ? [one.text] : []))
        .join('');
      return { output, program: started?.kind === 'process' && started.program };
    };
    expect(of('by name')).toEqual({ output: 'v0.0.1\n', program: { path: join(own, 'node'), version: 'v0.0.1' } });
    const [version, ...variables] = of('by a shell').output.split('\n');
    expect(version).toBe('v0.0.1');
    expect(variables.filter((one) => /^(npm_|INIT_CWD=|NODE=)/.test(one))).toEqual([]);
    expect(of('own')).toEqual({
      output: `${process.version}\n`,
      program: { path: process.execPath, version: process.version },
    });
  });
});

test('what the timeline does not show is said: frames that are not TCP, connections of a host with itself', async () => {
  const folder = resultsFolder();
  const { stdout, exitCode } = await finwait(['run', fixture('off-timeline'), '--results', folder]);
  expect(exitCode, String(stdout)).toBe(0);
  const timeline = readTimeline(runFolder(folder, 'off-timeline'));
  expect(timeline.gaps).toEqual([]);
  const counts = new Map(timeline.offTimeline?.frames.map((one) => [`${one.network} ${one.protocol}`, one.count]));
  expect(counts.get('IPv4 UDP')).toBe(3);
  expect(counts.get('IPv6 UDP')).toBe(1);
  expect(timeline.offTimeline?.loopback).toEqual([{ host: 'server', connections: 1 }]);
  const said = String(stdout).replaceAll(/\s+/g, ' ');
  expect(said).toMatch(/frames? over IPv6 \((1 )?UDP/);
  expect(said).toMatch(/frames over IPv4 \(3 UDP/);
  expect(said).toContain(' are in the captures and not on this timeline');
  expect(said).toContain('1 connection of the server with itself crossed no wire');
  const page = readFileSync(join(runFolder(folder, 'off-timeline'), 'report.html'), 'utf8');
  expect(page).toContain('are in the captures and not on this timeline');
});

describe('scenarios written with the vocabulary alone', () => {
  test.each(scenarios)('%s is decided', (name) => {
    const findings = readDocument(run.stdout).runs.find(({ experiment }) => experiment === name)?.findings ?? [];
    expect(findings.length).toBeGreaterThan(0);
    expect(
      findings
        .flatMap(({ cases }) => cases.map(({ outcome, actual }) => `${outcome} ${actual}`))
        .filter((one) => !one.startsWith('held')),
    ).toEqual([]);
  });
});

/** A stage of a run: its events, sorted by what they are. */
const part = (name: string, stage: string) => {
  const timeline = timelines[name] as Timeline;
  const bounds = (['begin', 'end'] as const).map(
    (edge) =>
      timeline.events.find((event) => event.kind === 'stage' && event.edge === edge && event.text === stage)?.at ??
      Number.NaN,
  ) as [number, number];
  const events = timeline.events.filter(
    (event) => event.stage === stage || (event.kind === 'stage' && event.at > bounds[0] && event.at < bounds[1]),
  );
  const ofKind = <K extends TimelineEvent['kind']>(kind: K) =>
    events.filter((event): event is Extract<TimelineEvent, { kind: K }> => event.kind === kind);
  return {
    bounds,
    events,
    segments: ofKind('segment') as SegmentEvent[],
    calls: ofKind('call') as CallEvent[],
    emits: ofKind('emit') as EmitEvent[],
    states: ofKind('state') as StateEvent[],
    operations: ofKind('wire').map(({ operation }) => operation),
    notes: notesOf(events),
    samples: timeline.samples.filter(({ begin, end }) => begin >= bounds[0] && end <= bounds[1]),
  };
};

const notesOf = (events: TimelineEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'stage' && event.edge === 'note' ? [event.text] : []));

const rowsOf = (samples: Sample[], host?: string) =>
  samples.filter((sample) => host === undefined || sample.host === host).flatMap(({ rows }) => rows);

/** Milliseconds a segment was under way. */
const transit = (segment: SegmentEvent | undefined): number =>
  ((segment?.receivedAt ?? Number.NaN) - (segment?.sentAt ?? Number.NaN)) / 1e6;

test('over IPv6 everything is as over IPv4: segments, states, rows, rules and injected segments', () => {
  const document = readDocument(run.stdout).runs.find(({ experiment }) => experiment === 'over-ipv6');
  expect(document?.findings.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['X1 reproduced', 'X2 reproduced']);
  const timeline = timelines['over-ipv6'] as Timeline;
  expect(timeline.connections.map(({ client, server }) => [client.address, server.address])).toEqual([
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:db8::2'],
  ]);
  const peers = timeline.samples.flatMap(({ rows }) => rows.map(({ peer }) => peer.address));
  expect(peers).toContain('2001:db8::1');
  const printed = timeline.events.flatMap((event) => (event.kind === 'output' ? [event.text] : [])).join('');
  expect(printed).toMatch(/^2001:db8::\/64 .*rto_min lock 3s quickack 1/m);
  // Neighbour discovery decides nothing: the first frame of TCP is the SYN, and no address was asked for before it.
  const { packets } = readPcap(readFileSync(join(runFolder(results, 'over-ipv6'), 'client.pcap')));
  const asked = packets.filter(({ data }) => data[20] === 58 && data[54] === 135);
  expect(asked).toEqual([]);
});

test('over IPv6 as well all is as it was when a link has been down', () => {
  const { notes, segments, events } = part('over-ipv6', 'a link down and up');
  expect(notes).toEqual(['connect: ENETUNREACH', 'connect: done']);
  expect(segments.map(({ from, text }) => `${from} ${text}`)).toEqual([
    'client S 0:0(0)',
    'server S. 0:0(0) ack 1',
    'client . 1:1(0) ack 1',
  ]);
  const shown = events.flatMap((event) => (event.kind === 'output' ? [event.text] : [])).join('');
  expect(shown).toMatch(/^2001:db8::\/64 dev wire .*rto_min lock 3s quickack 1/m);
  expect(shown).toMatch(/^2001:db8::1 dev wire lladdr 02:00:00:00:00:01 PERMANENT/m);
  expect(shown.match(/inet6 \S+/g)).toEqual(['inet6 2001:db8::2/64']);
});
