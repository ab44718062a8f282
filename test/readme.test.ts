// The README's example is run as it stands.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { jsonDocument } from '../src/verdict/schema.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = await mkdtemp(join(project, 'test', 'readme-'));
afterAll(() => rm(folder, { recursive: true }));

test("the README's example runs and is decided", async () => {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const source = /<!-- example -->\n```ts\n([\s\S]*?)```/.exec(readme)?.[1] as string;
  const file = join(folder, 'reset.ts');
  await writeFile(file, source);
  const { stdout } = await execa(process.execPath, ['src/cli.mjs', 'run', file, '--json', '--results', folder], {
    cwd: project,
  });
  const { runs } = jsonDocument.parse(JSON.parse(stdout));
  expect(runs[0]?.findings.flatMap(({ cases }) => cases).filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
});
