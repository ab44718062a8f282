// The sysctls of a host's network stack, as files.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sysctlRoot } from '../process/sysctl-folder.ts';
import { faultOfSysctlName } from '../record/sysctl-name.ts';
import { errorCodeOf } from '../record/thrown.ts';

/** Read a sysctl by its dotted name and, where a value is given, set it. Gives the value before and after. Throws a sentence. */
export const accessSysctl = (name: string, value?: string): { before: string; after: string } => {
  const fault = faultOfSysctlName(name);
  if (fault) throw new Error(fault);
  const path = join(sysctlRoot, name.replaceAll('.', '/'));
  const read = () => readFileSync(path, 'utf8').trim().replaceAll('\t', ' ');
  try {
    const before = read();
    if (value !== undefined) writeFileSync(path, value);
    return { before, after: read() };
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT') throw new Error(`There is no sysctl ${name} in the namespace of this host.`);
    const what = value === undefined ? 'read' : `set to '${value}'`;
    throw new Error(`The sysctl ${name} of this host cannot be ${what}: ${code}.`);
  }
};
