// Writes the documents of a run's folder.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Write JSON that a person can read: the whole or nothing, should this program be killed meanwhile. */
export const writeJson = (folder: string, name: string, value: unknown): void => {
  const file = join(folder, name);
  writeFileSync(`${file}.part`, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(`${file}.part`, file);
};
