// Who may import whom, as data, and the check of the files against it. Paths are those of the project, with forward slashes.
import { posix } from 'node:path';

interface Room {
  /** A folder with all below it but the rooms within it, or one file. */
  place: string;
  /** The rooms it may import from besides itself. Each stands above it in the list: so there is no circle. */
  imports: string[];
  /** Packages and Node's own modules it may import; any, where nothing is said. */
  packages?: string[];
}

// Rooms that do no input or output: of Node's modules they may use those that only compute.
const pure = ['zod', 'node:util', 'node:crypto', 'node:buffer', 'node:assert'];

/** Every room of the house, from the ground floor up. */
export const rooms: Room[] = [
  { place: 'src/record', imports: [], packages: pure },
  { place: 'src/packet', imports: ['src/record'], packages: pure },
  { place: 'src/timeline', imports: ['src/record', 'src/packet'], packages: pure },
  { place: 'src/verdict', imports: ['src/record', 'src/packet', 'src/timeline'], packages: pure },
  { place: 'src/report/words', imports: ['src/record', 'src/timeline', 'src/verdict'], packages: pure },
  {
    place: 'src/diagnosis',
    imports: ['src/record', 'src/timeline', 'src/verdict', 'src/report/words'],
    packages: pure,
  },
  { place: 'src/report/rows', imports: ['src/record', 'src/timeline', 'src/report/words'], packages: pure },
  { place: 'src/report/states', imports: ['src/record', 'src/timeline', 'src/report/words'], packages: pure },
  {
    place: 'src/report/terminal',
    imports: ['src/record', 'src/timeline', 'src/verdict', 'src/report/words', 'src/report/rows'],
    packages: pure,
  },
  {
    place: 'src/report/page',
    imports: [
      'src/record',
      'src/packet',
      'src/timeline',
      'src/verdict',
      'src/report/words',
      'src/report/rows',
      'src/report/states',
    ],
    packages: pure,
  },
  // What a browser runs: no package, and nothing of Node.
  { place: 'src/report/page/browser', imports: ['src/record', 'src/packet', 'src/report/page'], packages: [] },
  {
    place: 'src/report/export',
    imports: [
      'src/record',
      'src/packet',
      'src/timeline',
      'src/verdict',
      'src/report/words',
      'src/report/rows',
      'src/report/page',
      'src/report/page/browser',
    ],
    packages: pure,
  },
  { place: 'src/report/documents', imports: ['src/timeline', 'src/verdict', 'src/report/words'], packages: pure },
  { place: 'src/process', imports: [] },
  { place: 'src/trial', imports: ['src/record'], packages: pure },
  { place: 'src/control', imports: ['src/record'] },
  { place: 'src/wire', imports: ['src/record', 'src/packet'] },
  { place: 'src/witness', imports: ['src/record', 'src/process', 'src/control'] },
  { place: 'src/host', imports: ['src/record', 'src/packet', 'src/process', 'src/control'] },
  { place: 'src/lab', imports: ['src/record', 'src/process', 'src/control'] },
  { place: 'src/experiment', imports: ['src/record', 'src/verdict', 'src/wire'] },
  { place: 'src/recording', imports: ['src/record', 'src/timeline', 'src/witness', 'src/lab'] },
  {
    place: 'src/session',
    imports: ['src/record', 'src/control', 'src/wire', 'src/witness', 'src/lab', 'src/experiment', 'src/recording'],
  },
  {
    place: 'src/script',
    imports: [
      'src/record',
      'src/packet',
      'src/timeline',
      'src/verdict',
      'src/report/words',
      'src/process',
      'src/control',
      'src/wire',
      'src/host',
      'src/lab',
      'src/experiment',
      'src/recording',
      'src/session',
    ],
  },
  {
    place: 'src/packetdrill',
    imports: [
      'src/record',
      'src/packet',
      'src/timeline',
      'src/verdict',
      'src/control',
      'src/wire',
      'src/host',
      'src/experiment',
      'src/session',
    ],
  },
  {
    place: 'src/judge',
    imports: [
      'src/record',
      'src/timeline',
      'src/verdict',
      'src/diagnosis',
      'src/report/words',
      'src/report/states',
      'src/report/terminal',
      'src/report/page',
      'src/report/export',
      'src/process',
      'src/experiment',
      'src/recording',
      'src/script',
      'src/packetdrill',
    ],
  },
  {
    place: 'src/run',
    imports: [
      'src/record',
      'src/process',
      'src/lab',
      'src/experiment',
      'src/recording',
      'src/session',
      'src/script',
      'src/judge',
    ],
  },
  {
    place: 'src/step',
    imports: [
      'src/record',
      'src/control',
      'src/timeline',
      'src/report/words',
      'src/report/terminal',
      'src/wire',
      'src/witness',
      'src/recording',
      'src/session',
      'src/judge',
    ],
  },
  { place: 'src/finwait.ts', imports: ['src/timeline', 'src/verdict', 'src/experiment', 'src/packetdrill'] },
  {
    place: 'src/commands',
    imports: [
      'src/record',
      'src/verdict',
      'src/report/words',
      'src/report/states',
      'src/report/terminal',
      'src/report/export',
      'src/process',
      'src/lab',
      'src/experiment',
      'src/recording',
      'src/script',
      'src/packetdrill',
      'src/judge',
      'src/run',
      'src/step',
      'src/trial',
    ],
  },
  { place: 'src/bundle.mjs', imports: [] },
  { place: 'src/cli.mjs', imports: ['src/commands', 'src/bundle.mjs'] },
  { place: 'experiments/application/programs', imports: [] }, // what experiments start
  { place: 'experiments', imports: [], packages: ['#finwait'] },
  {
    place: 'scripts',
    imports: [
      'src/record',
      'src/timeline',
      'src/verdict',
      'src/diagnosis',
      'src/report/terminal',
      'src/report/documents',
      'src/host',
      'src/recording',
      'src/script',
      'src/judge',
      'src/bundle.mjs',
    ],
  },
  {
    place: 'test',
    imports: [
      'src/record',
      'src/packet',
      'src/timeline',
      'src/verdict',
      'src/diagnosis',
      'src/report/words',
      'src/lab',
      'src/experiment',
      'src/recording',
      'src/script',
      'src/packetdrill',
      'src/judge',
      'scripts',
    ],
  },
  {
    place: 'bench',
    imports: ['src/packet', 'src/verdict', 'src/lab', 'src/record', 'src/recording', 'src/session', 'src/script'],
  },
];

/** Rooms that tests do not import either: they are run. */
const closed = ['src/cli.mjs', 'src/commands'];

export type Files = ReadonlyMap<string, string>;
export interface Violation {
  file: string;
  line: number;
  message: string;
}

/** What the imports of the project's files break, all files by path; and the rules that say what is not so. */
export const violations = (files: Files, rules: readonly Room[] = rooms): Violation[] => [
  ...[...files].flatMap(([file, source]) => forbidden(file, source, rules)),
  ...circles(files),
  ...staleRules(files, rules),
];

/** What the imports of one file break. A test beside the code may import what it needs, but for the closed rooms. */
export const forbidden = (file: string, source: string, rules: readonly Room[] = rooms): Violation[] => {
  const isTest = forTests.test(file);
  const home = roomOf(file, rules);
  if (!home && !isTest) return [{ file, line: 1, message: `it is in no room that ${named} names` }];
  return importsOf(source).flatMap(({ specifier, line }) => {
    const message = whyNot(file, home, specifier, isTest, rules);
    return message ? [{ file, line, message }] : [];
  });
};

const whyNot = (
  file: string,
  home: Room | undefined,
  specifier: string,
  isTest: boolean,
  rules: readonly Room[],
): string | undefined => {
  const target = targetOf(file, specifier);
  const room = target === undefined ? undefined : roomOf(target, rules);
  if (home && room === home) return undefined;
  if (isTest) return room && closed.includes(room.place) ? `nothing but a command imports ${room.place}` : undefined;
  if (!home) return undefined;
  const allowed =
    target === undefined ? home.packages?.includes(specifier) !== false : room && home.imports.includes(room.place);
  if (allowed) return undefined;
  const choice = [...home.imports, ...(home.packages ?? [])].join(', ') || 'nothing';
  return `${home.place} may import ${choice} and itself, and this is ${target ?? specifier}`;
};

/** Files that import each other, directly or through others, and folders side by side that do. One is named for each circle. */
const circles = (files: Files): Violation[] => {
  const importedBy = new Map<string, string[]>();
  const besides = new Map<string, Set<string>>();
  for (const [file, source] of files) {
    const targets = importsOf(source).flatMap(({ specifier }) => targetOf(file, specifier) ?? []);
    importedBy.set(
      file,
      targets.filter((target) => files.has(target)),
    );
    if (forTests.test(file)) continue;
    for (const target of targets) {
      const [from, to] = siblings(file, target) ?? [];
      if (from === undefined || to === undefined) continue;
      besides.set(from, (besides.get(from) ?? new Set()).add(to));
    }
  }
  return [...circlesIn(importedBy), ...circlesIn(besides)].map((circle) => ({
    file: circle[0] as string,
    line: 1,
    message: `a circle of imports: ${circle.join(' → ')}`,
  }));
};

/** The two folders side by side in which two files lie; undefined where one lies above the other. */
const siblings = (file: string, target: string): [string, string] | undefined => {
  const [from, to] = [file.split('/'), target.split('/')];
  const shared = from.findIndex((name, index) => name !== to[index]);
  const isFolder = (path: string[]) => shared < path.length - 1;
  return isFolder(from) && isFolder(to)
    ? [from.slice(0, shared + 1).join('/'), to.slice(0, shared + 1).join('/')]
    : undefined;
};

/** Each circle in a graph once, from a place in it back to the same. */
const circlesIn = (graph: ReadonlyMap<string, Iterable<string>>): string[][] => {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (node: string, way: string[]) => {
    const begin = way.indexOf(node);
    if (begin >= 0) return void found.push([...way.slice(begin), node]);
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
};

/** A rule that names what is not there, what nobody imports, or a room that does not stand above. */
const staleRules = (files: Files, rules: readonly Room[]): Violation[] => {
  const used = new Set(
    [...files]
      .filter(([file]) => !forTests.test(file) || file.startsWith('test/'))
      .flatMap(([file, source]) =>
        importsOf(source).flatMap(({ specifier }) => {
          const target = targetOf(file, specifier);
          const room = target === undefined ? undefined : roomOf(target, rules);
          return room ? [`${roomOf(file, rules)?.place} ${room.place}`] : [];
        }),
      ),
  );
  return rules.flatMap(({ place, imports }, index) => {
    const faults = [
      ...([...files.keys()].some((file) => isIn(file, place)) ? [] : [`there is no ${place}`]),
      ...imports
        .filter((name) => !rules.slice(0, index).some((room) => room.place === name))
        .map((name) => `${place} may import ${name}, which does not stand above it`),
      ...imports.filter((name) => !used.has(`${place} ${name}`)).map((name) => `nothing in ${place} imports ${name}`),
    ];
    return faults.map((message) => ({ file: named, line: 1, message }));
  });
};

const named = 'scripts/import-rules.ts';
const forTests = /\.test\.ts$|-arbitrary\.ts$|\/fixtures\//;

/** The innermost. */
const roomOf = (path: string, rules: readonly Room[]) =>
  rules.filter(({ place }) => isIn(path, place)).sort((a, b) => b.place.length - a.place.length)[0];
const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);
const targetOf = (file: string, specifier: string) =>
  specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;

const statement =
  /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?[ \t\n]*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

const importsOf = (source: string): { specifier: string; line: number }[] =>
  [...source.matchAll(statement)].map((found) => ({
    specifier: (found[1] ?? found[2]) as string,
    line: source.slice(0, found.index + found[0].length).split('\n').length,
  }));
