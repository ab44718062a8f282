// The faults of programs, each staged: that it is named, that nothing else is, and that it is not without its evidence.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../src/diagnosis/catalogue.ts';
import type { Timeline } from '../src/timeline/schema.ts';
import { finwait, projectFolder, resultsFolder } from './finwait.ts';

const cwd = join(projectFolder, 'test/fixtures/programs');
const python = (line: string) => `/usr/bin/python3 ${line}`;

/** Takes a witness out of a timeline. */
type Doctor = (timeline: Timeline) => Timeline;
const without =
  (isGone: (event: Timeline['events'][number]) => boolean): Doctor =>
  (timeline) => ({ ...timeline, events: timeline.events.filter((event) => !isGone(event)) });
const withoutCalls: Doctor = (timeline) => {
  const { descriptors: _, ...rest } = without((event) => event.kind === 'call' && event.via === 'strace')(timeline);
  return rest;
};
/** What is missing of a record is told by a gap: what nobody called is not known then. */
const withGap: Doctor = (timeline) => ({
  ...timeline,
  gaps: [...timeline.gaps, { witness: 'strace', reason: 'what strace wrote of client breaks off' }],
});
const withoutCounters = without(({ kind }) => kind === 'counter');
const withoutSamples: Doctor = (timeline) => ({ ...timeline, samples: [] });
const withoutStates = without(({ kind }) => kind === 'state');

const cases: {
  fault: string;
  server: string;
  client: string;
  options?: string[];
  says: RegExp;
  /** Any of these is enough to keep it silent. */
  doctors: Doctor[];
}[] = [
  {
    fault: 'left-in-close-wait',
    server: 'node listen.mjs 9000',
    client: 'node leave.mjs server 9000',
    says: /never closed its side of connection #0: it stood in CLOSE-WAIT for .* The process is server \(pid \d+, descriptor \d+\); it has read everything, to the end of the stream, and called neither close\(\) nor shutdown\(\) since; the last thing it did with it was write\(\) at listen\.mjs:5\./,
    doctors: [withoutSamples, withoutStates],
  },
  {
    fault: 'closed-with-unread',
    server: python('hasty.py 9000'),
    client: 'node ask.mjs server 9000',
    says: /server \(pid \d+, descriptor 4\) closed connection #0 with 8 bytes unread \(it had read 4 of 12\).* the client got ECONNRESET\./,
    doctors: [withoutCalls, withoutCounters],
  },
  {
    fault: 'accept-queue-full',
    server: python('deaf.py 9000'),
    client: 'for i in 1 2 3 4; do node leave.mjs server 9000 & done; wait',
    says: /accept queue of port 9000 on the server is full \(2 connections wait, backlog 1\).*the SYNs of \d connections?.*server \(pid \d+, descriptor 3\) never called accept\(\)\./,
    doctors: [withoutSamples, withoutCounters],
  },
  {
    fault: 'refused',
    server: 'node listen.mjs 9000',
    client: 'node ask.mjs server 9001',
    says: /refused at 192\.0\.2\.2:9001: nobody on the server listened on port 9001; its connect\(\) got ECONNREFUSED\./,
    doctors: [withoutSamples],
  },
  {
    fault: 'refused',
    server: 'node listen.mjs 9000 127.0.0.1',
    client: 'node ask.mjs server 9000',
    says: /a listener, that of server \(pid \d+\), is there on port 9000 of the server, but on 127\.0\.0\.1 alone/,
    doctors: [withoutSamples],
  },
  {
    fault: 'address-in-use',
    server:
      'node listen.mjs 9000 & while ! grep -q ":2328 .* 0A" /proc/net/tcp6; do :; done; node listen.mjs 9000; wait',
    client: 'sleep 0.5',
    says: /could not have port 9000 of the server: server\[\d+\] \(pid \d+, descriptor \d+\) still has it\./,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'address-in-use',
    server: python('closes-first.py 9000'),
    client: python('outlives.py server 9000'),
    says: /could not have port 9000 of the server: of that port connection #0 is still in FIN-WAIT-2, and it had not set SO_REUSEADDR\./,
    doctors: [withoutCalls, withGap, withoutStates],
  },
  {
    fault: 'too-many-descriptors',
    server: 'ulimit -n 30; exec node polite.mjs 9000',
    client: 'node many.mjs server 9000',
    says: /server on the server has no descriptor left: accept\(\) failed \d+ times? with EMFILE: it holds \d+ TCP sockets then\./,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'held-by-child',
    server: python('fork.py 9000'),
    client: 'node leave.mjs server 9000',
    says: /server \(pid \d+\) closed descriptor 4, and the connection #0 stayed open for .*server\[\d+\] \(pid \d+\) has the same socket as descriptor 4, inherited by fork\(\), and does nothing with it\./,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'reset-by-linger',
    server: 'node balancer.mjs 9000',
    client: 'node stay.mjs server 9000',
    says: /server \(pid \d+, descriptor \d+\) set SO_LINGER to 0 on connection #0 and closed it by resetAndDestroy\(\) at balancer\.mjs:4, .*; the client got ECONNRESET\./,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'ended-before-connecting',
    server: 'node polite.mjs 9000',
    client: 'node no-such-program.mjs',
    says: /^The client ended with exit code 1 and never made a call on a TCP socket: "Error: Cannot find module/,
    doctors: [without(({ kind }) => kind === 'process'), withGap],
  },
  {
    fault: 'connect-abandoned',
    server: 'node polite.mjs 9000',
    client: 'node give-up.mjs 192.0.2.77 9000',
    says: /client gave up connecting to 192\.0\.2\.77:9000 after \d+ ms: nothing of it came to the wire/,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'refused',
    server: 'node polite.mjs 9000',
    client: 'node ask.mjs localhost 9001',
    says: /client was refused at 127\.0\.0\.1:9001, by its own host/,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'left-in-close-wait',
    server: 'node cluster.mjs 9000',
    client: 'node leave.mjs server 9000',
    says: /The process is server\[\d+\] \(pid \d+, descriptor \d+\); .* the last thing it did with it was write\(\) at cluster\.mjs:7\./,
    doctors: [withoutSamples],
  },
  {
    fault: 'zero-window',
    server: python('never-reads.py 9000'),
    client: 'node fill.mjs server 9000',
    says: /receive window of the server on connection #0 was closed for .*: server \(pid \d+, descriptor 4\) did not read; it had read nothing by then\./,
    doctors: [without((event) => event.kind === 'segment' && event.role === 'window-probe')],
  },
  {
    fault: 'never-read',
    server: 'node pause.mjs 9000',
    client: 'node stay.mjs server 9000',
    says: /server \(pid \d+, descriptor \d+\) accepted connection #0 and never read from it: the 12 bytes that the client has sent/,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'server-close-waits',
    server: 'node closing.mjs 9000',
    client: 'node stay.mjs server 9000',
    says: /server stopped listening on port 9000 by close\(\) at closing\.mjs:4, and waited another .* for 1 connection that was still open: #0 \(descriptor \d+\), which the client ended\./,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'connect-abandoned',
    server: 'node listen.mjs 9000',
    client: 'node give-up.mjs server 9000',
    options: ['--cut-after', '500ms'],
    says: /client gave up connecting to 192\.0\.2\.2:9000 after \d+ ms: its SYN had no answer, and it closed the socket\./,
    doctors: [withoutCalls, withGap],
  },
  {
    fault: 'no-answer',
    server: 'node listen.mjs 9000',
    client: 'node late.mjs server 9000',
    options: ['--cut-after', '2s'],
    says: /The client sent the same 12 bytes on connection #0 \d times in .*, and nothing came back from the server \(\d of them were lost on the wire\); no program was told\./,
    doctors: [without((event) => event.kind === 'segment' && event.retransmissionOf !== undefined)],
  },
  {
    fault: 'half-open',
    server: 'node listen.mjs 9000',
    client: 'node vanish.mjs server 9000',
    options: ['--cut-after', '2s'],
    says: /The server still had connection #0 in ESTABLISHED, and the client had no socket of it any more; no timer ran.* held by server \(pid \d+, descriptor \d+\)\./,
    doctors: [withoutSamples, withoutStates],
  },
  {
    fault: 'no-answer',
    server: 'node listen.mjs 9000',
    client: python('user-timeout.py server 9000'),
    options: ['--cut-after', '2s'],
    says: /It would be sent again .* after ss last looked\. The kernel gives up when a timer runs out more than 60\.0 s after it first sent it again \(TCP_USER_TIMEOUT is 60000 ms\); the program then gets ETIMEDOUT\.$/,
    doctors: [],
  },
  {
    fault: 'fin-wait-2-timed-out',
    server: 'node close-late.mjs 9000',
    client: 'node close.mjs server 9000',
    options: ['--sysctl', 'client:net.ipv4.tcp_fin_timeout=2'],
    says: /^The client had closed connection #0, and its kernel waited at least .* in FIN-WAIT-2 for the FIN of the server and then forgot the connection \(tcp_fin_timeout is 2 s\)\. On the server it was held, in CLOSE-WAIT, by server \(pid \d+, descriptor \d+\)\. What the server sent after that was answered by a reset\.$/,
    doctors: [withoutSamples, withoutStates],
  },
  {
    fault: 'nagle-and-delayed-ack',
    server: 'node pairs.mjs 9000',
    client: 'node small-writes.mjs server 9000',
    says: /On connection #0 \d+ writes? of the client waited up to \d+ ms for the acknowledgement of the write before, which the server put off/,
    doctors: [withoutCalls, withGap],
  },
];

const names = (timeline: Timeline) => [...new Set(diagnose(timeline).map(({ name }) => name))];

const attempt = async (server: string, client: string, ...options: string[]) => {
  const results = resultsFolder();
  const run = await finwait(['try', '--server', server, '--client', client, '--results', results, ...options], { cwd });
  const folder = join(results, 'try/latest');
  const timeline: Timeline = JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'));
  return { ...run, folder, timeline };
};

describe.each(cases)('$fault: $server and $client', ({ fault, server, client, options = [], says, doctors }) => {
  test('is named, with its evidence, and nothing else is', async () => {
    const { exitCode, stdout, stderr, timeline } = await attempt(server, client, '--json', ...options);
    expect(exitCode, String(stderr)).toBe(4);
    const [run] = JSON.parse(String(stdout)).runs;
    // Whether FINs cross is chance.
    const faults = run.diagnoses.filter(({ harmless }: { harmless?: true }) => !harmless);
    expect(faults.map(({ name }: { name: string }) => name)).toEqual([fault]);
    const [{ sentence, evidence }] = faults;
    expect(sentence).toMatch(says);
    const known = new Set([...timeline.events, ...timeline.samples].map(({ id }) => id));
    expect(evidence.filter((id: string) => !known.has(id))).toEqual([]);
    for (const doctor of doctors) expect(names(doctor(timeline))).not.toContain(fault);
  });
});

test('a request that meets the FIN of an idle connection is named, and not without that FIN', async () => {
  const results = resultsFolder();
  const file = join(projectFolder, 'test/fixtures/keep-alive-race.ts');
  const { exitCode, stdout } = await finwait(['run', file, '--results', results, '--json']);
  expect(exitCode, String(stdout)).toBe(4);
  const [{ diagnoses }] = JSON.parse(String(stdout)).runs;
  expect(diagnoses).toMatchObject([{ name: 'written-after-close' }]);
  expect(diagnoses[0].sentence).toMatch(
    /^The client wrote a further request on connection #0 while the FIN of the server was on its way: the server had closed it after [\d.]+ m?s without a request by destroy\(\) of Node’s own \(keepAliveTimeout, or the timeout of the http server\), and its kernel answered with a reset; the client got ECONNRESET\.$/,
  );
  const timeline: Timeline = JSON.parse(readFileSync(join(results, 'keep-alive-race/latest/timeline.json'), 'utf8'));
  const isFin = (event: Timeline['events'][number]) => event.kind === 'segment' && event.flags.includes('F');
  expect(names(without(isFin)(timeline))).toEqual([]);
});

test('FINs that cross are named, as no fault, and not without one of them', async () => {
  const results = resultsFolder();
  const file = join(projectFolder, 'test/fixtures/simultaneous-close.ts');
  const { exitCode, stdout } = await finwait(['run', file, '--results', results, '--json']);
  expect(exitCode, String(stdout)).toBe(0);
  const [{ diagnoses }] = JSON.parse(String(stdout)).runs;
  expect(diagnoses).toMatchObject([{ name: 'simultaneous-close', harmless: true }]);
  expect(diagnoses[0].sentence).toBe(
    'Both sides closed connection #0 at the same time, and their FINs crossed: that of the client and that of the server. Neither acknowledges the other. TIME-WAIT came to the client and server.',
  );
  const timeline: Timeline = JSON.parse(readFileSync(join(results, 'simultaneous-close/latest/timeline.json'), 'utf8'));
  for (const host of ['client', 'server']) {
    const isFin = (event: Timeline['events'][number]) =>
      event.kind === 'segment' && event.from === host && event.flags.includes('F');
    expect(names(without(isFin)(timeline))).toEqual([]);
  }
});

test('of a connection that no program asked for nothing is said', async () => {
  const file = join(projectFolder, 'test/fixtures/made-up-syn.ts');
  const { exitCode, stdout } = await finwait(['run', file, '--results', resultsFolder(), '--json']);
  expect(exitCode, String(stdout)).toBe(0);
  expect(JSON.parse(String(stdout)).runs[0].diagnoses).toEqual([]);
});

test('of programs that are right nothing is said; the page and analyze say the same', async () => {
  const { exitCode, stdout, folder } = await attempt('node polite.mjs 9000', 'node ask.mjs server 9000');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Nothing that finwait knows is wrong here.');
  const again = await finwait(['analyze', folder]);
  expect(again.exitCode).toBe(0);
  expect(again.stderr).toContain('Timeline and verdicts equal the stored ones.');
});
