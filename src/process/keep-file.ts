// Files that are kept from call to call to save time, and may as well be made again.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whole at every moment: others may be reading it. Where its folder belongs to another user nothing is kept. */
export const keepFile = (file: string, content: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const { threadId } = process.getBuiltinModule('node:worker_threads'); // to load it takes a tenth of `finwait list`
    const aside = `${file}.${process.pid}-${threadId}`;
    writeFileSync(aside, content);
    renameSync(aside, file);
  } catch {} // it is made again next time
};
