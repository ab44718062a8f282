// finwait try: programs as they are, each on a host of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Timeline } from '../src/timeline/schema.ts';
import { finwait, projectFolder, resultsFolder } from './finwait.ts';

const programs = join(projectFolder, 'test/fixtures/programs');
const listen = (rest: string) => `node polite.mjs ${rest}`;

const attempt = async (server: string, client: string, ...options: string[]) => {
  const results = resultsFolder();
  const run = await finwait(['try', '--server', server, '--client', client, '--results', results, ...options], {
    cwd: programs,
  });
  const [time = ''] = readdirSync(join(results, 'try')).filter((name) => name.startsWith('2'));
  const timeline: Timeline = JSON.parse(readFileSync(join(results, 'try', time, 'timeline.json'), 'utf8'));
  const segments = timeline.events.flatMap((event) =>
    event.kind === 'segment' ? [`${event.from} ${event.flags} ${event.destination.address}`] : [],
  );
  return { ...run, timeline, segments, folder: join(results, 'try', time) };
};

describe('a client that knows no other host', () => {
  test.each(['localhost', '127.0.0.1', 'server'])('reaches the server by %s, over the wire', async (name) => {
    const { exitCode, stderr, segments, timeline } = await attempt(listen('9000'), `node ask.mjs ${name} 9000`);
    expect(exitCode, String(stderr)).toBe(0);
    expect(stderr).toContain('server: ready\n');
    expect(stderr).toContain(`client: got good morning in ${programs}`);
    const address = name === 'server' ? '192.0.2.2' : '127.0.0.1';
    expect(segments.slice(0, 3)).toEqual([`client S ${address}`, 'server S. 192.0.2.1', `client . ${address}`]);
    expect(timeline.gaps).toEqual([]);
  });

  test('reaches what listens on the loopback of the server, as on one machine; by its name it is refused', async () => {
    const near = await attempt(listen('9000 127.0.0.1'), 'node ask.mjs localhost 9000');
    expect(near.stderr).toContain('client: got good morning');
    const far = await attempt(listen('9000 127.0.0.1'), 'node ask.mjs server 9000');
    expect(far.stderr).toContain('client: ECONNREFUSED');
    expect(far.segments).toEqual(['client S 192.0.2.2', 'server R. 192.0.2.1']);
  });

  test('reaches a port that the server opens later', async () => {
    const { stderr, segments } = await attempt('node opens-later.mjs 9000', 'node asks-later.mjs localhost 9001');
    expect(stderr).toContain('client: got good morning');
    expect(segments[0]).toBe('client S 127.0.0.1');
  });

  test('reaches the server over IPv6', async () => {
    const { exitCode, stderr, timeline } = await attempt(listen('9000 2001:db8::2'), 'node ask.mjs 2001:db8::2 9000');
    expect(exitCode, String(stderr)).toBe(0);
    expect(timeline.connections).toMatchObject([{ server: { address: '2001:db8::2', port: 9000 } }]);
  });

  test('has its own loopback at all other ports', async () => {
    const own = `sh -c 'node polite.mjs 9100 & sleep 0.5; node ask.mjs 127.0.0.1 9100; kill $!'`;
    const { stderr, segments } = await attempt(listen('9000'), own);
    expect(stderr).toContain('client: got good morning');
    expect(segments).toEqual([]);
  });
});

test('the machine has its own names as before', async () => {
  const before = readFileSync('/etc/hosts', 'utf8');
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const { stderr } = await attempt(listen('9000'), 'cat /etc/hosts');
  expect(stderr).toContain('client: 192.0.2.2 server');
  expect(readFileSync('/etc/hosts', 'utf8')).toBe(before);
  expect(readFileSync('/proc/self/mounts', 'utf8')).toBe(mounts);
});

test('what the server has left open is seen before it is ended', async () => {
  const { timeline } = await attempt('node listen.mjs 9000', 'node ask.mjs localhost 9000', '--lockstep');
  const note = timeline.events.find((event) => event.kind === 'stage' && event.edge === 'note');
  const states = timeline.events.filter((event) => event.kind === 'state' && event.host === 'server');
  expect(states.at(-1)).toMatchObject({ to: 'CLOSED' });
  expect(states.findLast(({ at }) => at < (note?.at ?? 0))).toMatchObject({ to: 'CLOSE-WAIT' });
});

test('the calls of both are on the timeline, and are the causes of what they brought about', async () => {
  const { exitCode, timeline, stdout, stderr } = await attempt(
    '/usr/bin/python3 hasty.py 9000',
    'node ask.mjs server 9000',
  );
  expect(exitCode, String(stderr)).toBe(4); // closed with bytes unread
  const calls = timeline.events.flatMap((event) =>
    event.kind === 'call' && event.via === 'strace' ? [`${event.process} ${event.api}`] : [],
  );
  for (const call of ['server bind', 'server listen', 'server accept', 'client connect', 'client write', 'server recv'])
    expect(calls).toContain(call);
  const reset = timeline.events.find((event) => event.kind === 'segment' && event.flags.includes('R'));
  const { cause } = reset ?? {};
  expect(timeline.events.find(({ id }) => cause?.kind === 'call' && id === cause.event)).toMatchObject({
    ...{ host: 'server', api: 'close', connection: 0 },
  });
  expect(stdout).toContain('recv(4) = 4 "good"');
  expect(timeline.descriptors?.find(({ how }) => how === 'accept')).toMatchObject({
    ...{ host: 'server', process: 'server', fd: 4, connection: 0, ended: 'close' },
  });
});

test('the end of a child that was killed is told, and closes what it had', async () => {
  const { timeline } = await attempt('/usr/bin/python3 killed-child.py 9000', 'node stay.mjs server 9000');
  const end = timeline.events.find((event) => event.kind === 'process' && event.process.startsWith('server['));
  const killed = timeline.events.find(
    (event) => event.kind === 'process' && event.process.startsWith('server[') && event.edge === 'exit',
  );
  expect([end, killed]).toMatchObject([{ edge: 'start' }, { signal: 'SIGKILL' }]);
  const fin = timeline.events.find(
    (event) => event.kind === 'segment' && event.from === 'server' && /[FR]/.test(event.flags),
  );
  expect(fin?.cause).toMatchObject({ kind: 'process-end', event: killed?.id });
});

test('a server that ends before it listens is told of with its last words', async () => {
  const { exitCode, stdout } = await attempt("sh -c 'echo no such port; exit 3'", 'true');
  expect(exitCode).toBe(70);
  expect(stdout).toMatch(/ended \(exit\s+code 3\)\s+before it listened\. Its\s+last\s+words:\s+no such port/);
});

test('a cable is cut and put back, and the client is ended when its time is over', async () => {
  const cable = ['--cut-after', '500ms', '--restore-after', '1s', '--for', '2s'];
  const { exitCode, timeline } = await attempt(listen('9000'), 'sleep 60', ...cable);
  expect(exitCode).toBe(0);
  const operations = timeline.events.flatMap((event) => (event.kind === 'wire' ? [event.operation] : []));
  expect(operations).toEqual(['freeRun', 'cut', 'restore']);
  expect(timeline.events.find((event) => event.kind === 'call' && event.api === 'kill')).toMatchObject({
    host: 'client',
  });
});

test('the same is saved as an experiment, which runs as any other, and is judged again', async () => {
  const folder = resultsFolder();
  const file = join(folder, 'mine.ts');
  const saved = await finwait(
    ['try', '--server', listen('9000'), '--client', 'node ask.mjs localhost 9000', '--save', file],
    { cwd: programs },
  );
  expect(saved.stdout).toBe(file);
  const again = await finwait(['try', '--server', 'a', '--client', 'b', '--save', file]);
  expect(again).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('there is such a file already') });
  const run = await finwait(['run', file, '--results', folder]);
  expect(run.exitCode, String(run.stderr)).toBe(0);
  expect(run.stdout).toContain('stdout: got good morning');
  const analyzed = await finwait(['analyze', join(folder, 'mine/latest')]);
  expect(analyzed.stderr).toContain('Timeline and verdicts equal the stored ones.');
});

test.each([
  [['--for', 'soon'], "--for 'soon' is no time: write 500ms, 2s or 1m."],
  [['--restore-after', '2s'], '--restore-after comes after --cut-after'],
])('%j is refused', async (options, words) => {
  const { exitCode, stderr } = await finwait(['try', '--server', 'a', '--client', 'b', ...options]);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(words);
});

test('a program may open its outputs by their names, as servers are configured to', async () => {
  const { exitCode, stderr } = await attempt(
    listen('9000'),
    `bash -c 'echo by name > /dev/stdout; echo by its name > /dev/stderr; exec node ask.mjs localhost 9000'`,
  );
  expect(exitCode, String(stderr)).toBe(0);
  expect(stderr).toContain('client: by name\n');
  expect(stderr).toContain('client: by its name\n');
});

test('sysctls are saved with the rest, and looked at before', async () => {
  const save = (setting: string, file = join(resultsFolder(), 'mine.ts')) =>
    finwait(['try', '--server', 'a', '--client', 'b', '--sysctl', setting, '--save', file]);
  const { stdout } = await save('server:net.ipv4.tcp_fin_timeout=5');
  expect(readFileSync(String(stdout), 'utf8')).toContain("sysctls: { server: { 'net.ipv4.tcp_fin_timeout': '5' } },");
  expect((await save('server:net.ipv4.tcp_no_such=5')).exitCode).toBe(64);
});
