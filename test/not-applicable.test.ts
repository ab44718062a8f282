// A machine without Java and Go: what needs them is not applicable, is told as such, and changes no verdict.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { jsonDocument } from '../src/verdict/schema.ts';
import { finwait, fixture, readDocument, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
const programs = mkdtempSync(join(tmpdir(), 'programs-of-a-test-'));
afterAll(() => rmSync(programs, { recursive: true }));
for (const folder of ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'])
  for (const name of readdirSync(folder))
    if (!/^(javac?|go)$/.test(name) && !readdirSync(programs).includes(name))
      symlinkSync(join(folder, name), join(programs, name));
// As npm has it: its own folders first.
const own = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.endsWith('node_modules/.bin'));
const PATH = [...own, programs].join(delimiter);

const run = (...args: string[]) => finwait(['run', ...args, '--results', results], { env: { PATH } });
const sentence = 'java and javac are not on this machine: npm run setup -- --with java';

test('alone, it ends with a sentence that names the remedy, and with exit code 3', async () => {
  const { exitCode, stdout } = await run('abortive-close-java');
  expect(exitCode).toBe(3);
  const said = String(stdout).replaceAll(/\s+/g, ' ');
  expect(said).toContain(`Not applicable: ${sentence}. Further cases: abortive-close.`);
  expect(said).toContain('– n/a when a JVM ends with data unread');
  expect(said).toContain('– 1 not applicable');
});

test('what was recorded comes to the same again, and the page and the export say so', async () => {
  const folder = runFolder(results, 'abortive-close-java');
  const { exitCode, stderr, stdout } = await finwait(['analyze', folder, '--json']);
  expect(stderr).toContain('Timeline and verdicts equal the stored ones.');
  expect(exitCode).toBe(3);
  const [finding] = readDocument(stdout).runs[0]?.findings ?? [];
  expect(finding?.verdict).toBe('not-applicable');
  expect(finding?.cases.map(({ outcome, actual, evidence }) => [outcome, actual, evidence])).toEqual(
    finding?.cases.map(() => ['not-applicable', sentence, ['e1']]),
  );
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain(
    'not applicable: when a JVM ends with data unread',
  );
  const { stdout: junit } = await finwait(['export', folder, '--format', 'junit']);
  expect(junit).toContain('errors="0" skipped="1"');
});

test('beside others it costs nothing: the verdict is theirs, and so is the exit code', async () => {
  const names = ['abortive-close', 'abortive-close-java', 'kill-nine-go'];
  const { exitCode, stdout } = await run(...names);
  expect(exitCode).toBe(0);
  const said = String(stdout).replaceAll(/\s+/g, ' ');
  expect(said).toMatch(/B8 ◐ conditional .*not applicable/);
  expect(said).toMatch(/C3 – not applicable .*go is not on this/);
  expect(said).toContain('◐ 1 conditional, – 1 not applicable 3 experiments');
});

test('as JSON, of which the schema knows it', async () => {
  const { exitCode, stdout } = await run('abortive-close', 'keepalive-options-go', '--json');
  expect(exitCode).toBe(0);
  const { runs } = jsonDocument.parse(readDocument(stdout));
  expect(runs.map(({ findings }) => findings.map(({ verdict }) => verdict))).toEqual([
    ['conditional'],
    ['not-applicable'],
  ]);
});

test('a program that set-up does not know is named all the same, and what is there is no reason', async () => {
  const { exitCode, stdout } = await run(fixture('needs'));
  expect(exitCode).toBe(3);
  expect(String(stdout).replaceAll(/\s+/g, ' ')).toContain('Not applicable: no-such-program is not on this machine.');
});
