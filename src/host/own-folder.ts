// A private folder of a host, for as long as something is made in it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Beside the control socket, where a killed finwait's leftovers are swept; in a container any. */
export const makeFolder = (control: string, name: string): string => {
  try {
    return mkdtempSync(join(dirname(control), `${name}-`));
  } catch {
    return mkdtempSync(join(tmpdir(), `finwait-${name}-`));
  }
};
