// Whatever becomes of a run, nothing of it stays: no process, no network namespace with its devices, no temporary file,
// nothing changed on the machine itself.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  finwait,
  fixture,
  readDocument,
  readResult,
  readTimeline,
  resultsFolder,
  runFolder,
  runsOf,
} from './finwait.ts';
import { machine, makeMark } from './leftovers.ts';

const nothing = { processes: [], namespaces: [], files: [] };
const results = resultsFolder();

test('after success nothing is left, and the machine is as it was', async () => {
  const mark = makeMark();
  const before = machine();
  const run = finwait(['run', 'listen-before-accept', '--quiet', '--results', results], { env: mark.environment });
  // A mark that finds nothing at all would find nothing left either.
  let [processes, isOver] = [0, false];
  const ended = run.finally(() => {
    isOver = true;
  });
  for (; !isOver; await pause(5)) processes = Math.max(processes, mark.look());
  expect(processes).toBeGreaterThan(4);
  expect(mark.spaces()).toBeGreaterThanOrEqual(2);
  expect((await ended).exitCode).toBe(0);
  expect(mark.left()).toEqual(nothing);
  expect(machine()).toEqual(before);
});

test('after a script that throws', async () => {
  const mark = makeMark();
  const { exitCode, stderr, stdout } = await finwait(['run', fixture('throws'), '--json', '--results', results], {
    env: mark.environment,
  });
  expect(exitCode, String(stderr)).toBe(70);
  expect(mark.left()).toEqual(nothing);
  const [run] = readDocument(stdout).runs;
  expect(run?.error?.message).toMatch(/^the script is broken \(test\/fixtures\/experiments\/throws\.ts:\d+\)$/);
  expect(run?.findings[0]?.verdict).toBe('inconclusive');
});

test('after a time that is over, with programs that do not want to end', async () => {
  const mark = makeMark();
  const { exitCode, stdout } = await finwait(
    ['run', fixture('stays'), '--json', '--timeout', '1.5', '--results', results],
    { env: mark.environment },
  );
  expect(exitCode).toBe(70);
  expect(readDocument(stdout).runs[0]?.error).toMatchObject({ code: 'ETIMEOUT' });
  expect(mark.left()).toEqual(nothing);
});

test('after a script that waits for what never comes', async () => {
  const mark = makeMark();
  const { exitCode, stdout } = await finwait(
    ['run', fixture('waits-for-itself'), '--json', '--timeout', '1.5', '--results', results],
    { env: mark.environment },
  );
  expect(exitCode).toBe(70);
  expect(readDocument(stdout).runs[0]?.error).toMatchObject({ code: 'ETIMEOUT' });
  expect(mark.left()).toEqual(nothing);
});

test.each([
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
] as const)(
  'after $signal: what is recorded is kept and judged, and nothing else is left',
  async ({ signal, code }) => {
    const mark = makeMark();
    const folder = join(results, signal);
    const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
    await started(folder, 'stays');
    run.kill(signal);
    const { exitCode, stdout, stderr } = await run;
    expect(exitCode, String(stderr)).toBe(code);
    expect(mark.left()).toEqual(nothing);
    const [recorded] = readDocument(stdout).runs;
    expect(recorded).toMatchObject({ experiment: 'stays', interrupted: true });
    expect(recorded?.findings.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
    const { interrupted, findings } = readResult(runFolder(folder, 'stays'));
    expect({ interrupted, findings }).toEqual({ interrupted: true, findings: recorded?.findings });
    const again = await finwait(['analyze', runFolder(folder, 'stays'), '--quiet']);
    expect(String(again.stderr)).toContain('equal the stored ones');
    expect(again.exitCode).toBe(2);
  },
);

test('a second SIGINT leaves at once', async () => {
  const mark = makeMark();
  const folder = join(results, 'twice');
  const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
  await started(folder, 'stays');
  run.kill('SIGINT');
  run.kill('SIGINT');
  await pause(2);
  const begun = performance.now();
  run.kill('SIGINT');
  const { exitCode } = await run;
  expect(exitCode).toBe(130);
  expect(performance.now() - begun).toBeLessThan(1000);
  const { processes, namespaces } = await mark.settled();
  expect({ processes, namespaces }).toEqual({ processes: [], namespaces: [] });
});

test('after kill -9 at any moment: processes and namespaces go by themselves, files at the next start', async () => {
  const mark = makeMark();
  const before = machine();
  const moments = 20;
  const begun = performance.now();
  await finwait(['run', 'half-close', '--json', '--results', results], { env: mark.environment });
  const lifeMs = performance.now() - begun;
  const killAt = async (ms: number, nth: number) => {
    const run = finwait(['run', 'half-close', '--json', '--results', join(results, `killed-${nth}`)], {
      env: mark.environment,
    });
    const end = performance.now() + ms;
    while (performance.now() < end) {
      mark.look();
      await pause(5);
    }
    run.kill('SIGKILL');
    await run;
    const { processes, namespaces } = await mark.settled();
    expect({ ms, processes, namespaces }).toEqual({ ms, processes: [], namespaces: [] });
  };
  for (let nth = 0; nth < moments; nth++) await killAt(((nth + Math.random()) / moments) * lifeMs, nth);
  expect(mark.spaces()).toBeGreaterThan(2);
  expect(machine()).toEqual(before);

  const { exitCode } = await finwait(['run', 'accept-and-exchange', '--quiet', '--results', results], {
    env: mark.environment,
  });
  expect(exitCode).toBe(0);
  expect(mark.left()).toEqual(nothing);
}, 120_000);

test('after a host that is killed: the run ends with a sentence', async () => {
  const mark = makeMark();
  const folder = join(results, 'host killed');
  const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
  await started(folder, 'stays');
  const [sidecar] = mark.find(/sidecar\.m?[jt]s .*--host server$/);
  process.kill(sidecar as number, 'SIGKILL');
  const { exitCode, stdout } = await run;
  expect(exitCode).toBe(70);
  expect(readDocument(stdout).runs[0]?.error?.message).toMatch(/^The server host ended on its own/);
  expect(mark.left()).toEqual(nothing);
});

test('labs side by side do not see each other', async () => {
  const mark = makeMark();
  const runs = await Promise.all(
    [1, 2, 3, 4].map((nth) =>
      finwait(['run', 'accept-and-exchange', '--json', '--results', join(results, `side-${nth}`)], {
        env: mark.environment,
      }),
    ),
  );
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  const shapes = [1, 2, 3, 4].map((nth) => shape(runFolder(join(results, `side-${nth}`), 'accept-and-exchange')));
  expect(new Set(shapes).size).toBe(1);
  expect(mark.left()).toEqual(nothing);
});

/** Resolves when a run has left its note: `waiting`. */
const started = async (folder: string, experiment: string): Promise<void> => {
  for (;;) {
    const log = runsOf(folder, experiment).map((run) => join(run, 'api.ndjson'))[0];
    if (log && existsSync(log) && readFileSync(log, 'utf8').includes('"waiting"')) return;
    await pause(20);
  }
};

/** Everything that must be alike in two runs of one experiment: what happened, without when. */
const shape = (folder: string): string =>
  readTimeline(folder)
    .events.map(
      (event) => `${event.kind} ${'host' in event ? event.host : ''} ${event.kind === 'segment' ? event.text : ''}`,
    )
    .sort()
    .join('\n');
