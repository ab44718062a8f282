// Everything that is waited for has a limit: whatever part of a lab has stopped, Ctrl-C ends the run within seconds,
// what was recorded is kept and judged, and nothing is left.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { finwait, fixture, readDocument, readResult, resultsFolder, runFolder, runsOf } from './finwait.ts';
import { makeMark } from './leftovers.ts';

const results = resultsFolder();
const nothing = { processes: [], namespaces: [], files: [] };
/** Seconds: on a machine that is busy with other tests as well. */
const soon = 12;

const parts: [string, RegExp][] = [
  ['a sidecar', /witness\/sidecar\.m?[jt]s .*--host server$/],
  ['both sidecars and all around them', /witness\/sidecar\.m?[jt]s/],
  ['tcpdump', /^tcpdump -i/],
  ['the shell that runs ss', /^sh -c while read/],
  ['ss -E', /^ss -HtnoieOE/],
  ['an agent', /host\/agent\.m?[jt]s --control \S+ --host client$/],
  ['everything', /./],
];

describe.each(parts)('%s is stopped in the middle of a run', (what, command) => {
  test.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('$signal ends it', async ({ signal, code }) => {
    const mark = makeMark();
    const folder = join(results, what.replaceAll(' ', '-'), signal);
    const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
    await started(folder);
    const stopped = mark.find(command).filter((pid) => pid !== run.pid);
    expect(stopped.length).toBeGreaterThan(0);
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    const begun = performance.now();
    run.kill(signal);
    const { exitCode, stdout, stderr } = await run;
    expect((performance.now() - begun) / 1000).toBeLessThan(soon);
    expect(exitCode, String(stderr)).toBe(code);
    expect(mark.left()).toEqual(nothing);
    const [recorded] = readDocument(stdout).runs;
    expect(recorded).toMatchObject({ experiment: 'stays', interrupted: true });
    expect(recorded?.findings.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
    expect(readResult(runFolder(folder, 'stays')).interrupted).toBe(true);
    expect(readFileSync(join(runFolder(folder, 'stays'), 'api.ndjson'), 'utf8')).toMatch(/"type":"end".*\n$/);
  });
});

test('a second Ctrl-C does not wait for what has stopped', async () => {
  const mark = makeMark();
  const folder = join(results, 'twice');
  const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
  await started(folder);
  for (const pid of mark.find(/./)) if (pid !== run.pid) process.kill(pid, 'SIGSTOP');
  run.kill('SIGINT');
  await pause(200);
  const begun = performance.now();
  run.kill('SIGINT');
  expect((await run).exitCode).toBe(130);
  expect((performance.now() - begun) / 1000).toBeLessThan(2);
  expect(await mark.settled()).toEqual(nothing);
});

test('a sidecar that stops for good ends the run by itself', async () => {
  const mark = makeMark();
  const folder = join(results, 'alone');
  const run = finwait(['run', fixture('waits'), '--json', '--results', folder], { env: mark.environment });
  let sidecars: number[] = [];
  while (sidecars.length < 2) {
    sidecars = mark.find(/node.*witness\/sidecar\.m?[jt]s .*--host (client|server)$/);
    await pause(5);
  }
  await recording(folder, 'waits');
  for (const pid of sidecars) process.kill(pid, 'SIGSTOP');
  const { exitCode, stdout } = await run;
  expect(exitCode).toBe(70);
  const [recorded] = readDocument(stdout).runs;
  expect(recorded?.error?.message).toMatch(/^No answer to '\w+' from the sidecar of the (client|server) within 15 s/);
  expect(recorded?.findings.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
  expect(mark.left()).toEqual(nothing);
}, 90_000);

test('Ctrl-C while the lab starts: there is nothing to judge, and nothing is left', async () => {
  const mark = makeMark();
  const folder = join(results, 'early');
  const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
  // Both hosts have been started: a copy of finwait stopped before it became setpriv would keep finwait inside of fork and exec.
  while (mark.find(/^(setpriv|unshare|sh) .*agent=/).length < 2) await pause(1);
  for (const pid of mark.find(/./)) if (pid !== run.pid) process.kill(pid, 'SIGSTOP');
  const begun = performance.now();
  run.kill('SIGINT');
  const { exitCode, stderr } = await run;
  expect((performance.now() - begun) / 1000).toBeLessThan(soon);
  expect(exitCode, String(stderr)).toBe(130);
  expect(String(stderr)).not.toContain('fault');
  expect(await mark.settled()).toEqual(nothing);
  expect(runsOf(folder, 'stays')).toEqual([]);
});

/** Resolves when a run has left its note: `waiting`. */
const started = (folder: string) => recording(folder, 'stays', '"waiting"');

const recording = async (folder: string, experiment: string, words = '"type":"step"'): Promise<void> => {
  for (;;) {
    const log = runsOf(folder, experiment).map((run) => join(run, 'api.ndjson'))[0];
    if (log && existsSync(log) && readFileSync(log, 'utf8').includes(words)) return;
    await pause(10);
  }
};
