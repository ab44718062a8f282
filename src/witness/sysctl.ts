// The sysctls of a host's network stack, as files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultOfSysctlName } from '../lab/sysctl-name.ts';

/** In a container /proc/sys cannot be written, and its part `net` is somewhere else. */
const root = process.env.FINWAIT_SYSCTLS ?? '/proc/sys';

/** The folder of all that a network stack has. */
export const sysctlFolder: string = join(root, 'net');

/** Read a sysctl by its dotted name and, where a value is given, set it. Gives the value before and after. Throws a sentence. */
export const accessSysctl = (name: string, value?: string): { before: string; after: string } => {
  const fault = faultOfSysctlName(name);
  if (fault) throw new Error(fault);
  const path = join(root, name.replaceAll('.', '/'));
  const read = () => readFileSync(path, 'utf8').trim().replaceAll('\t', ' ');
  try {
    const before = read();
    if (value !== undefined) writeFileSync(path, value);
    return { before, after: read() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`There is no sysctl ${name} in the namespace of this host.`);
    const what = value === undefined ? 'read' : `set to '${value}'`;
    throw new Error(`The sysctl ${name} of this host cannot be ${what}: ${code}.`);
  }
};
