// The script of a page, bundled from src/report/page/browser. It is kept, and bundled again when a source has changed: by what
// the files hold, because their times differ in an image of Docker.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../process/child.ts';
import { keepFile } from '../process/keep-file.ts';

const root = join(import.meta.dirname, '../..');

/** A run's page, or the page over all runs. */
export type PageName = 'run' | 'all';

/** `sources` are the hashes of all it was made of, by path within the project. */
export type PageScript = { script: string; sources: Record<string, string> };

/**
 * One script without imports. `kept` is where scripts are kept.
 * Rejects when a source has changed and cannot be bundled.
 */
export const pageScript = async (
  page: PageName,
  kept = join(root, 'node_modules/.cache/finwait-pages'),
): Promise<string> => {
  const file = join(kept, `${page}.json`);
  const { script } = readCurrent(file) ?? (await bundleAndKeep(page, file));
  return script;
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

/** By a process of its own: rolldown is not loaded where nothing is to be bundled, nor bundled with the programs. */
const bundleAndKeep = async (page: PageName, file: string): Promise<PageScript> => {
  const program = join(import.meta.dirname, 'bundle-page.ts');
  const { ok, stdout, stderr } = await run(process.execPath, [program, page], { timeout: 60_000 });
  if (!ok)
    throw new Error(
      `The script of the page could not be bundled from src/report/page/browser:\n${stderr.trim()}\nRepair the file it names; where a package is missing, run npm ci.`,
    );
  const made: PageScript = JSON.parse(stdout);
  keepFile(file, stdout);
  return made;
};
