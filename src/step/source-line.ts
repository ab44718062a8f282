// A line of the experiment's source, to be shown beside what it does.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Source } from '../record/source.ts';

/** `place` is `close-both-sides.ts:17`; `code` the line itself, where the file can be read. */
export const sourceLine = (source: Source | undefined): { place?: string; code?: string } => {
  if (!source) return {};
  const { file, line } = source;
  return { place: `${basename(file)}:${line}`, code: linesOf(file)[line - 1]?.trim() };
};

const files = new Map<string, string[]>();

const linesOf = (file: string): string[] => {
  const known = files.get(file) ?? read(file);
  files.set(file, known);
  return known;
};

const read = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
};
