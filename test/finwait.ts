// Runs the command line as a stranger would: a process of its own, known by its output, its exit code and what it leaves in the folder.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type Options } from 'execa';
import { afterAll } from 'vitest';
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
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** The run folders of an experiment under a results folder. */
export const runsOf = (results: string, experiment: string): string[] => {
  const parent = join(results, experiment);
  const names = existsSync(parent) ? readdirSync(parent) : [];
  return names.filter((name) => !name.startsWith('latest')).map((name) => join(parent, name));
};

/** The only run there is of an experiment. */
export const runFolder = (results: string, experiment: string): string => {
  const [folder] = runsOf(results, experiment);
  if (!folder) throw new Error(`There is no run of ${experiment} in ${results}.`);
  return folder;
};

export const readTimeline = (folder: string): Timeline =>
  JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'));
export const readResult = (folder: string): Result => JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
export const readDocument = (stdout: unknown): JsonDocument => JSON.parse(String(stdout));
