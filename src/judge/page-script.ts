// The script of a page, bundled from src/report/page/browser. It is kept, and bundled again when a source has changed: by what
// the files hold, because their times differ in an image of Docker.
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';

const root = join(import.meta.dirname, '../..');

/** A run's page, or the page over all runs. */
export type PageName = 'run' | 'all';

/** `sources` are the hashes of all it was made of, by path within the project. */
export type PageScript = { script: string; sources: Record<string, string> };

/**
 * One script without imports. `kept` is where scripts are kept.
 * @throws {Error} when a source has changed and cannot be bundled.
 */
export const pageScript = (page: PageName, kept = join(root, 'node_modules/.cache/finwait-pages')): string => {
  const file = join(kept, `${page}.json`);
  return (readCurrent(file) ?? bundleAndKeep(page, file)).script;
};

const readCurrent = (file: string): PageScript | undefined => {
  try {
    const found: PageScript = JSON.parse(readFileSync(file, 'utf8'));
    return Object.entries(found.sources).every(([path, sha256]) => sha256Of(readFileSync(join(root, path))) === sha256)
      ? found
      : undefined;
  } catch {
    return undefined;
  }
};

export const sha256Of = (source: string | Uint8Array): string => hash('sha256', source, 'hex');

/** By a process of its own, because rolldown works in the background and a page is written at once. */
const bundleAndKeep = (page: PageName, file: string): PageScript => {
  const program = join(import.meta.dirname, 'bundle-page.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, page], { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(
      `The script of the page could not be bundled from src/report/page/browser:\n${stderr.trim()}\nRepair the file it names; where a package is missing, run npm ci.`,
    );
  const made: PageScript = JSON.parse(stdout);
  keep(file, stdout);
  return made;
};

/** Whole at every moment: others may be reading it. */
const keep = (file: string, content: string) => {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const aside = `${file}.${process.pid}-${threadId}`;
    writeFileSync(aside, content);
    renameSync(aside, file);
  } catch {} // node_modules belongs to another user: it is bundled again next time
};
