// The experiment a run is judged by: the source that ran, which its folder holds and its seal names. Where today's
// experiment is the same, that is loaded, because a copy in somebody else's folder is somebody else's program.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.ts';
import type { Seal } from './schema.ts';
import { brokenFiles, readSeal } from './seal.ts';

/**
 * `file` is the module to load. `note` is a sentence to be said where it is not today's experiment, or cannot be shown
 * to be the one that ran.
 */
export type SourceOfRun = { file: string; note?: string };

/**
 * `today` is the path of today's experiment, where there still is one. Undefined when neither it nor a copy that the
 * seal names is there.
 */
export const sourceOfRun = (folder: string, today: string | undefined): SourceOfRun | undefined => {
  const seal = readSeal(folder);
  const isWhole = typeof seal === 'object' && !brokenFiles(folder, seal).some((name) => name.startsWith(sourceFolder));
  if (!isWhole) return today === undefined ? undefined : { file: today, note: unsealed };
  if (today !== undefined && isSame(seal, today)) return { file: today };
  const is = today === undefined ? 'does not exist any more' : `(${today}) is another`;
  return {
    file: join(folder, seal.source),
    note: `Judged by the experiment as it was when the run was made (${seal.source} in its folder): today's ${is}.`,
  };
};

/** Whether today's experiment is not the one that ran, as far as a seal can tell. */
export const differsFromToday = (folder: string, today: string): boolean => {
  const seal = readSeal(folder);
  return typeof seal === 'object' && !(existsSync(today) && isSame(seal, today));
};

const sourceFolder = 'source/';
const unsealed = "Judged by today's experiment: no seal shows which source the run was made with.";

/**
 * Every file of the source lies beside today's experiment as it was: the modules it imports and the programs it started
 * among them.
 */
const isSame = ({ source, files }: Seal, today: string): boolean => {
  const module = source.slice(sourceFolder.length);
  if (!today.endsWith(module)) return false;
  const root = today.slice(0, -module.length);
  return Object.entries(files)
    .filter(([name]) => name.startsWith(sourceFolder))
    .every(([name, { sha256 }]) => {
      const beside = name.slice(sourceFolder.length);
      return existsSync(join(root, beside)) && fingerprint(root, beside).sha256 === sha256;
    });
};
