// Who may import whom, as data, and the check of one file against it. Paths are those of the project, with forward slashes.
import { posix } from 'node:path';

interface Layer {
  folder: string;
  /** Folders and files it may import from, besides itself. */
  imports: string[];
  /** Packages and Node's own modules it may import. */
  packages: string[];
}

// These four do no input or output: of Node's modules they may use those that only compute.
const pure = ['zod', 'node:util', 'node:crypto', 'node:buffer', 'node:assert'];
const below = ['src/packet', 'src/timeline', 'src/verdict'];

/** The folders whose imports are restricted. A folder not named here may import anything that is not closed. */
export const layers: Layer[] = [
  { folder: 'src/packet', imports: [], packages: pure },
  {
    folder: 'src/timeline',
    imports: ['src/packet', 'src/control/records.ts', 'src/lab/addresses.ts'],
    packages: pure,
  },
  { folder: 'src/verdict', imports: ['src/packet', 'src/timeline'], packages: pure },
  { folder: 'src/report', imports: below, packages: pure },
  { folder: 'experiments', imports: [], packages: ['#finwait'] },
];

/** Places nothing may import from, but those named. */
export const closed = [
  { place: 'src/cli.mjs', but: [] as string[] },
  { place: 'src/commands', but: ['src/cli.mjs', 'src/commands'] },
];

export interface Violation {
  file: string;
  line: number;
  message: string;
}

/** What the imports of one file break. A test may import what it needs; only the closed places stay closed to it. */
export const violations = (file: string, source: string): Violation[] =>
  importsOf(source).flatMap(({ specifier, line }) => {
    const message = forbids(file, specifier);
    return message ? [{ file, line, message }] : [];
  });

const forbids = (file: string, specifier: string): string | undefined => {
  const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;
  const shut = closed.find(({ place, but }) => target && isIn(target, place) && !but.some((who) => isIn(file, who)));
  if (shut) return `nothing imports ${shut.place}${shut.but.length > 0 ? ` but ${shut.but.join(' and ')}` : ''}`;
  const layer = layers.find(({ folder }) => isIn(file, folder));
  if (!layer || forTests.test(file)) return undefined;
  const allowed = target
    ? [layer.folder, ...layer.imports].some((place) => isIn(target, place))
    : layer.packages.includes(specifier);
  if (allowed) return undefined;
  const choice = [...layer.imports, ...layer.packages].join(', ');
  return `${layer.folder} may import ${choice} and itself, and this is ${target ?? specifier}`;
};

const forTests = /\.test\.ts$|-arbitrary\.ts$|\/fixtures\//;

const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

const statement =
  /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?[ \t\n]*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

const importsOf = (source: string): { specifier: string; line: number }[] =>
  [...source.matchAll(statement)].map((found) => ({
    specifier: (found[1] ?? found[2]) as string,
    line: source.slice(0, found.index + found[0].length).split('\n').length,
  }));
