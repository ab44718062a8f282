// strace beside processes that are driven call by call: their own reports and its are one.
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { finwait, fixture, readTimeline, resultsFolder, runFolder } from './finwait.ts';

test('what raw and Node processes report of their calls is what strace sees', async () => {
  const results = resultsFolder();
  const { exitCode, stdout } = await finwait(['run', fixture('traced-processes'), '--results', results]);
  expect(exitCode, String(stdout)).toBe(0);
  const folder = runFolder(results, 'traced-processes');
  expect(readTimeline(folder).gaps).toEqual([]);
  for (const host of ['client', 'server']) {
    const written = readFileSync(join(folder, `strace-${host}.txt`), 'latin1');
    expect(written).toMatch(/shutdown\(\d+<TCP:/);
    expect(written).toMatch(/^# end t=\d+ process=/m);
  }
});

test('what a program leaves to the kernel that has only connected is put down to its end', async () => {
  const results = resultsFolder();
  const { exitCode, stdout } = await finwait(['run', fixture('abandons'), '--results', results]);
  expect(exitCode, String(stdout)).toBe(0);
  const { events, descriptors, gaps } = readTimeline(runFolder(results, 'abandons'));
  expect(gaps).toEqual([]);
  const end = events.find((event) => event.kind === 'process' && event.process === 'python3' && event.edge === 'exit');
  const [reset] = events.filter((event) => event.kind === 'segment' && event.flags === 'R.');
  expect(reset?.cause).toEqual({ kind: 'process-end', event: end?.id });
  expect(descriptors?.map(({ process, connection, ended }) => [process, connection, ended])).toContainEqual([
    'python3',
    0,
    'exit',
  ]);
});

test('a strace that takes a second to begin is waited for', async () => {
  const results = resultsFolder();
  const programs = resultsFolder();
  const { PATH = '' } = process.env;
  const slow = `#!/bin/sh\nsleep 1\nPATH='${PATH}' exec strace "$@"\n`;
  writeFileSync(join(programs, 'strace'), slow, { mode: 0o755 });
  const env = { PATH: [programs, PATH].join(delimiter) };
  const { exitCode, stdout } = await finwait(['run', fixture('abandons'), '--results', results], { env });
  expect(exitCode, String(stdout)).toBe(0);
  expect(readTimeline(runFolder(results, 'abandons')).gaps).toEqual([]);
});
