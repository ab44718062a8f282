// From a name on the command line to experiments, or to an error that names the nearest ones.
import type { CatalogueEntry } from '../run/catalogue.ts';
import { UsageError } from './usage-error.ts';

/** The experiments named; `all` names them all. Throws UsageError for an unknown name. */
export const findExperiments = (names: string[], catalogue: CatalogueEntry[]): CatalogueEntry[] =>
  names.includes('all') ? catalogue : names.map((name) => findOne(name, catalogue));

/** Undefined when there is no experiment of that name. */
export const findByName = (name: string, catalogue: CatalogueEntry[]): CatalogueEntry | undefined => {
  const bare = name.replace(/^.*\//, '').replace(/\.ts$/, '');
  return catalogue.find((entry) => entry.name === bare);
};

const findOne = (name: string, catalogue: CatalogueEntry[]): CatalogueEntry => {
  const found = findByName(name, catalogue);
  if (found) return found;
  const near = catalogue
    .map((entry) => ({ name: entry.name, distance: distance(name, entry.name) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((one) => one.name);
  throw new UsageError(`There is no experiment '${name}'. Nearest: ${near.join(', ')}. \`finwait list\` shows all.`);
};

/** Edits that turn one word into the other (Levenshtein); sharing a part brings them nearer. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] as number) + 1, (row[j + 1] as number) + 1, (row[j] as number) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  const edits = row[b.length] as number;
  return b.includes(a) || a.includes(b) ? edits / 4 : edits;
};
