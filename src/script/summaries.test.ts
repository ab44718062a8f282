import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listExperiments } from './catalogue.ts';
import { summarizeExperiments } from './summaries.ts';

const place = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-list-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'list.json');
};
const change = (
  file: string,
  edit: (kept: Record<string, { version: string; summary: { title: string } }>) => void,
) => {
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  edit(kept);
  writeFileSync(file, JSON.stringify(kept));
};

test('every experiment is summarized, and taken from what was kept until its file has changed', async () => {
  const file = place();
  const all = await summarizeExperiments(file);
  expect(all.map(({ name }) => name)).toEqual(listExperiments().map(({ name }) => name));
  const [first, second] = listExperiments().map((entry) => entry.file);
  change(file, (kept) => {
    for (const [path, one] of Object.entries(kept)) {
      if (path === first || path === second) one.summary.title = 'kept';
      if (path === second) one.version = 'of an older file';
    }
  });
  const again = await summarizeExperiments(file);
  expect(again[0]?.title).toBe('kept');
  expect(again.slice(1)).toEqual(all.slice(1));
});

test('what was kept and is damaged counts as nothing', async () => {
  const file = place();
  const all = await summarizeExperiments(file);
  for (const damage of ['', '{', '[1]', '{"x":{"version":"1","summary":{"title":5}}}', '{"x":null}']) {
    writeFileSync(file, damage);
    expect(await summarizeExperiments(file)).toEqual(all);
  }
});
