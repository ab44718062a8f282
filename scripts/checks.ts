// The checks of the project as data, and how one is run. `check.ts` runs those of the code, `test.ts` all of them.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Tally, tallyOf } from './tally.ts';

export interface Check {
  name: string;
  command: string[];
  /** One sentence: what to do when it fails, where there is something to say beyond its output. */
  remedy?: string;
  /** The vitest project whose tests it runs: then every test counts, otherwise the check counts as one. */
  tests?: string;
  /** Shown while it runs, not only when it fails. */
  live?: boolean;
}

/** What needs no lab, longest first: two run at a time. */
export const codeChecks: Check[] = [
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'], tests: 'unit' },
  { name: 'dead code', command: ['knip', '--no-progress'], remedy: 'Remove it, or name it in knip.json.' },
  { name: 'types', command: ['tsc', '--noEmit', '--pretty'] },
  { name: 'types of the pages', command: ['tsc', '--noEmit', '--pretty', '-p', 'src/report/page/browser'] },
  {
    name: 'lint and format',
    command: ['biome', 'check', '--error-on-warnings'],
    remedy: 'Run `npm run format`: it repairs the format and much else.',
  },
  {
    name: 'import direction',
    command: ['node', 'scripts/check-imports.ts'],
    remedy: 'scripts/import-rules.ts says who may import whom.',
  },
];

/** Real hosts, real sockets. */
export const endToEnd: Check = {
  name: 'end-to-end tests',
  command: ['vitest', 'run', '--project', 'end-to-end'],
  tests: 'end-to-end',
  live: true,
};

/** The same on hosts that are containers. They need a Docker engine, and are not run where none answers. */
export const onDocker: Check = {
  name: 'tests on Docker',
  command: ['vitest', 'run', '--project', 'docker', '--project', 'docker-verdicts'],
  tests: 'docker',
  live: true,
};

export interface Outcome extends Tally {
  check: Check;
  ok: boolean;
  seconds: number;
  output: string;
}

export const runCheck = async (check: Check): Promise<Outcome> => {
  const begin = performance.now();
  // Beside npm's own caches: what an interrupted check leaves there is in nobody's way.
  const report = join(root, `node_modules/.cache/finwait/tests-${check.tests}-${process.pid}.json`);
  const [program, ...args] = check.command as [string, ...string[]];
  const counting = check.tests ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : [];
  const { exitCode, all, message } = await execa(program, [...args, ...counting], {
    cwd: root,
    preferLocal: true,
    reject: false,
    all: true,
    stdin: 'ignore',
    ...(check.live ? { stdout: ['inherit', 'pipe'], stderr: ['inherit', 'pipe'] } : {}),
  });
  const ok = exitCode === 0;
  const tally = check.tests ? tallyOf(await readFile(report, 'utf8').catch(() => ''), ok) : tallyOfOne(ok);
  await rm(report, { force: true });
  return { check, ok, seconds: (performance.now() - begin) / 1000, output: all || (message ?? ''), ...tally };
};

const root = fileURLToPath(new URL('..', import.meta.url));

const tallyOfOne = (ok: boolean): Tally => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, failures: [] });
