// The experiment's source in the folder of its run, so that the run can be judged again by what it was.

import { cpSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { itemAt } from '../record/item-at.ts';
import { sourceFiles } from './source-files.ts';

const sourceFolder = 'source';

export type SourceCopy = {
  /** The experiment's module, a path within the run's folder. */
  module: string;
  /** Copy the programs beside the experiment that the run has started by now, as its log names them. */
  addPrograms(): void;
};

/** Copy an experiment and what it is made of into the folder of its run. */
export const copySource = (folder: string, module: string): SourceCopy => {
  const { root, files } = sourceFiles(module);
  const copy = (file: string) => cpSync(join(root, file), join(folder, sourceFolder, file));
  for (const file of files) copy(file);
  return {
    module: join(sourceFolder, itemAt(files, 0)),
    addPrograms: () => {
      const started = readFileSync(join(folder, 'api.ndjson'), 'utf8').matchAll(pathsBelow(root));
      for (const file of new Set([...started].map(([, file]) => file as string)))
        if (statSync(join(root, file), { throwIfNoEntry: false })?.isFile()) copy(file);
    },
  };
};

const pathsBelow = (root: string) => new RegExp(`${RegExp.escape(root)}/([\\w./-]+)`, 'g');
