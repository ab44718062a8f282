// From what the command line names to experiments: a name of the catalogue, or the path of a file. An unknown name is
// an error that names the nearest ones.
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { CatalogueEntry } from '../script/catalogue.ts';
import { nearest } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** The experiments named; `all` names those of the catalogue. Throws UsageError for an unknown name. */
export const findExperiments = (names: string[], catalogue: CatalogueEntry[]): CatalogueEntry[] =>
  names.flatMap((name) => (name === 'all' ? catalogue : [findOne(name, catalogue)]));

const findOne = (name: string, catalogue: CatalogueEntry[]): CatalogueEntry => {
  if (name.endsWith('.ts')) {
    if (isFile(name)) return entryOf(resolve(name));
    throw new UsageError(
      `There is no file ${resolve(name)}. An experiment is named by its file, or by a name \`finwait list\` shows.`,
    );
  }
  const found = catalogue.find((entry) => name === entry.name || name === `${entry.topic}/${entry.name}`);
  if (found) return found;
  const near = nearest(
    name,
    catalogue.map((entry) => entry.name),
  ).slice(0, 3);
  throw new UsageError(`There is no experiment '${name}'. Nearest: ${near.join(', ')}. \`finwait list\` shows all.`);
};

const entryOf = (file: string): CatalogueEntry => ({
  name: basename(file, '.ts'),
  topic: basename(dirname(file)),
  file,
});

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
