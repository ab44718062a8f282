// The folder of a recorded run, as the command line names it.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

export const isRunFolder = (folder: string): boolean => existsSync(join(folder, 'plan.json'));

/** The path of a run's folder. Throws a UsageError where there is none. */
export const runFolder = (path: string): string => {
  const folder = resolve(path);
  if (isRunFolder(folder)) return folder;
  const fault = existsSync(folder) ? `${path} is not a run folder: it holds no plan.json.` : `There is no ${path}.`;
  throw new UsageError(`${fault} Run folders are results/<experiment>/<time>.`);
};
