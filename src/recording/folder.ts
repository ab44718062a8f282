// The folder of a run: results/<experiment>/<UTC time>/, and `latest` links to the newest.

import { mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LabError } from '../lab/lab-error.ts';
import { errorCodeOf, messageOf } from '../record/thrown.ts';

/**
 * Make the folder of a run that starts now. Two runs in the same millisecond get different folders. Throws LabError
 * when it cannot be made.
 */
export const makeRunFolder = (results: string, experiment: string, startedAt: Date): string => {
  const parent = join(results, experiment);
  try {
    makeFolder(parent);
  } catch (error) {
    throw new LabError(`The results cannot be written: ${messageOf(error)}.`, 'Write them elsewhere: --results DIR');
  }
  const time = startedAt.toISOString().replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const folder = join(parent, attempt === 1 ? time : `${time}-${attempt}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (errorCodeOf(error) !== 'EEXIST') throw error;
    }
  }
};

/** By hand, for mkdir's own `recursive` says ENOENT of a read-only file system and never ends in /proc. */
const makeFolder = (path: string): void => {
  const isFolder = () => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder()) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder()) throw error; // another run may have been faster
  }
};

/** Point results/<experiment>/latest and results/latest at a run. */
export const linkLatest = (folder: string): void => {
  const experiment = dirname(folder);
  pointTo(join(experiment, 'latest'), basename(folder));
  pointTo(join(dirname(experiment), 'latest'), join(basename(experiment), basename(folder)));
};

/** A link is made aside and renamed into place, so that there is one at every moment. */
const pointTo = (link: string, target: string) => {
  const aside = `${link}.${process.pid}`;
  rmSync(aside, { force: true });
  symlinkSync(target, aside);
  renameSync(aside, link);
};
