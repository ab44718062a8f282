// What an experiment is made of: its module, the modules it imports by a relative path, and the files beside them that they name.
import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

/** `root` is the folder they all lie in; `files` are paths within it, the experiment's own module first. */
export type SourceFiles = { root: string; files: string[] };

export const sourceFiles = (module: string): SourceFiles => {
  const found = new Set<string>();
  const take = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    if (/\.[mc]?[jt]s$/.test(file)) for (const named of filesNamedIn(file)) take(named);
  };
  take(module);
  const root = [...found].map(dirname).reduce(commonFolder);
  return { root, files: [...found].map((file) => relative(root, file)) };
};

const filesNamedIn = (module: string): string[] => {
  const text = readFileSync(module, 'utf8');
  return [...text.matchAll(quotedPath)]
    .map(([, , path]) => resolve(dirname(module), path as string))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
};

/** A quoted word that may be a path of a file: `'./shared.ts'`, `'crossing-fins.pkt'`. */
const quotedPath = /(['"`])((?:\.{1,2}\/)*[\w-][\w./-]*\.\w+)\1/g;

const commonFolder = (a: string, b: string): string => {
  if (`${b}${sep}`.startsWith(a.endsWith(sep) ? a : `${a}${sep}`)) return a;
  return commonFolder(dirname(a), b);
};
