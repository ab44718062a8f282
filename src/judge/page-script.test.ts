import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PageScript, pageScript } from './page-script.ts';

const root = join(import.meta.dirname, '../..');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'finwait-pages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'run.json');
const kept = (): PageScript => JSON.parse(readFileSync(file(), 'utf8'));
const keep = (change: Partial<PageScript>) => writeFileSync(file(), JSON.stringify({ ...kept(), ...change }));

test('is bundled once, and again when a source is not what it was', () => {
  const script = pageScript('run', folder);
  const { sources } = kept();
  keep({ script: 'what was kept' });
  expect(pageScript('run', folder)).toBe('what was kept');
  for (const path of ['src/report/page/browser/text.ts', 'src/packet/tcp.ts']) {
    expect(sources[path]).toMatch(/^[0-9a-f]{64}$/);
    keep({ script: 'of an older source', sources: { ...sources, [path]: '0'.repeat(64) } });
    expect(pageScript('run', folder)).toBe(script);
  }
  keep({ script: 'of a source that is gone', sources: { ...sources, 'src/gone.ts': '0'.repeat(64) } });
  expect(pageScript('run', folder)).toBe(script);
});

test('is bundled again when what was kept is damaged', () => {
  const script = pageScript('run', folder);
  writeFileSync(file(), readFileSync(file()).subarray(0, 100));
  expect(pageScript('run', folder)).toBe(script);
});

test('is bundled each time where nothing can be kept', () => {
  writeFileSync(join(folder, 'file'), '');
  const script = pageScript('all', join(folder, 'file'));
  expect(script).toBe(pageScript('all', folder));
  expect(existsSync(join(folder, 'all.json'))).toBe(true);
});

test.each(['run', 'all'] as const)('the script of the page %s is made to stand in a page', (page) => {
  const script = pageScript(page, folder);
  const found = [root, '</script', '<!--', '/*', 'import(', 'require(', 'Buffer'].filter((text) =>
    script.includes(text),
  );
  expect(found).toEqual([]);
});
