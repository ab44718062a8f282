// Runs the command line as a stranger would: a process of its own, known by its output, its exit code and what it
// leaves in the folder.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type Options } from 'execa';
import { afterAll, expect } from 'vitest';
import { keepFirstResult } from '../scripts/second-tries.ts';
import { contradictions } from '../src/report/words/contradictions.ts';
import type { Timeline } from '../src/timeline/schema.ts';
import type { JsonDocument, Result } from '../src/verdict/schema.ts';

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));
export const program = join(projectFolder, 'src/cli.mjs');

/** Start `finwait` with these arguments; awaiting it gives stdout, stderr and the exit code, which may be any. */
export const finwait = (args: string[], { env, ...options }: Options = {}) =>
  execa(process.execPath, [program, ...args], {
    cwd: projectFolder,
    reject: false,
    stdin: 'ignore',
    forceKillAfterDelay: false, // how long it takes to end is its own business, and what is tested
    env: { ...plain, ...env },
    ...options,
  });

/** Vitest asks for colours on behalf of its own reporter. */
const plain = { FORCE_COLOR: undefined, NO_COLOR: undefined };

/** An experiment written for the tests. */
export const fixture = (name: string): string => join(projectFolder, 'test/fixtures/experiments', `${name}.ts`);

/** A folder for the results of one test file, removed after its tests. */
export const resultsFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tests-of-finwait-'));
  folders.push(folder);
  return folder;
};

/**
 * Every experiment, side by side. A run that is inconclusive because the machine was too slow, by its gaps and for no
 * other reason, gets one second try, alone. What came first is kept and told; all else stays as it came.
 */
export const runAll = async (results: string, ...options: string[]) => {
  const run = await finwait(['run', 'all', '--json', '--results', results, ...options]);
  const document = readDocument(run.stdout);
  let { exitCode } = run;
  for (const [index, first] of document.runs.entries()) {
    const { experiment, environment, findings } = first;
    const reasons = onlyTooSlow(first);
    if (!reasons) continue;
    const verdicts = Object.fromEntries(findings.map(({ id, verdict }) => [id, verdict]));
    if (!keepFirstResult({ experiment, place: environment.place, verdicts, reasons })) continue;
    process.stderr.write(`${experiment} was inconclusive, as the machine was too slow, and is run again.\n`);
    const again = await finwait(['run', experiment, '--json', '--results', results, ...options]);
    const [second] = readDocument(again.stdout).runs;
    if (second) document.runs[index] = second;
    exitCode = document.runs.some(isUndecided) ? 2 : again.exitCode;
  }
  return { document, exitCode, said: `${leftOpen(document)}\n${run.stderr}` };
};

/** What runs leave open and why, for the message of a test that fails on it. */
export const leftOpen = ({ runs }: JsonDocument): string => runs.flatMap(openIn).join('\n');

const openIn = ({ experiment, findings, error }: Run): string[] => [
  ...(error ? [`${experiment}: ${error.message}`] : []),
  ...findings
    .filter(({ verdict }) => verdict === 'inconclusive')
    .flatMap(({ id, cases }) => cases.map((one) => ({ id, ...one })))
    .filter(({ outcome }) => outcome === 'unknown')
    .map(({ id, name, actual }) => `${experiment}, ${id}, ${name}: ${actual}`),
];

type Run = JsonDocument['runs'][number];

const isUndecided = ({ findings }: Run) => findings.some(({ verdict }) => verdict === 'inconclusive');

/**
 * The reasons, where a run is undecided and each of its gaps says that the machine was too slow, or where it has none
 * and each open case says that the lab, slow on this machine, has raised a timeout; undefined in every other case.
 */
export const onlyTooSlow = (run: Run): string[] | undefined => {
  if (!isUndecided(run) || run.error) return undefined;
  const { gaps } = readTimeline(run.folder);
  if (gaps.some(({ code }) => code !== 'machine-too-slow')) return undefined;
  const reasons = gaps.length > 0 ? gaps.map(({ reason }) => reason) : raisedIn(run);
  return reasons.length > 0 ? reasons : undefined;
};

/** Whether a case is left open because the lab, slow on this machine, has disturbed what it rests on. */
export const isOfSlowMachine = ({ outcome, actual }: { outcome: string; actual: string }): boolean =>
  outcome === 'unknown' && /^the lab interfered|raised the retransmission timeout/.test(actual);

const raisedIn = ({ findings }: Run): string[] => {
  const open = findings.flatMap(({ cases }) => cases).filter(({ outcome }) => outcome === 'unknown');
  return open.every(isOfSlowMachine) ? open.map(({ actual }) => actual) : [];
};

/** The run folders of an experiment under a results folder. */
export const runsOf = (results: string, experiment: string): string[] => {
  const parent = join(results, experiment);
  const names = existsSync(parent) ? readdirSync(parent) : [];
  return names.filter((name) => !name.startsWith('latest')).map((name) => join(parent, name));
};

/** Made within a test as well, where an afterAll of its own would come too late. */
const folders: string[] = [];
afterAll(() => {
  const contradicting = folders.flatMap(contradictionsIn);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  expect(contradicting).toEqual([]);
});

/** What every run must satisfy whose witnesses saw everything, whatever a test was about. */
const contradictionsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => basename(name) === 'timeline.json')
    .flatMap((name) => contradictions(readTimeline(join(folder, dirname(name)))) ?? []);

/** The newest run of an experiment. */
export const runFolder = (results: string, experiment: string): string => {
  const folder = runsOf(results, experiment).sort().at(-1);
  if (!folder) throw new Error(`There is no run of ${experiment} in ${results}.`);
  return folder;
};

export const readTimeline = (folder: string): Timeline =>
  JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'));
export const readResult = (folder: string): Result => JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
export const readDocument = (stdout: unknown): JsonDocument => JSON.parse(String(stdout));
