// Which form of finwait's programs runs: the bundle that set-up made, as long as no source has changed since, else the sources.
// Plain JavaScript without packages: it runs before anything else is loaded.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// To import it loads its promises and streams too, an eighth of the time that Node takes to start.
const { readFileSync, statSync } = createRequire(import.meta.url)('node:fs');

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Holds a folder for each bundle made lately (a run that goes on still needs its own) and `current.json`, which names
 * the newest.
 */
export const bundlesFolder = join(root, 'node_modules/.cache/finwait-programs');

/**
 * @typedef {{ folder: string, inputs: [file: string, stamp: string][] }} Bundle the name of its folder, and what it was
 * made of
 */

/**
 * What tells one version of a file of the project from another without reading it.
 * @param {string} file
 * @returns {string} empty when there is no such file
 */
export const stampOf = (file) => {
  const found = statSync(join(root, file), { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : '';
};

/**
 * The folder of the bundle; undefined when there is none, or a file it was made of is not what it was.
 * @param {string} bundles where bundles are kept
 * @returns {string | undefined}
 */
export const currentBundle = (bundles = bundlesFolder) => {
  try {
    /** @type {Bundle} */
    const { folder, inputs } = JSON.parse(readFileSync(join(bundles, 'current.json'), 'utf8'));
    return inputs.every(([file, stamp]) => stampOf(file) === stamp) ? join(bundles, folder) : undefined;
  } catch {
    return undefined;
  }
};
