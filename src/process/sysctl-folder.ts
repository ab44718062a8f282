// Where the sysctls of this network namespace are, as files.
import { join } from 'node:path';

/** In a container /proc/sys cannot be written, and its part `net` is somewhere else. */
export const sysctlRoot = process.env.FINWAIT_SYSCTLS ?? '/proc/sys';

/** The folder of all that a network stack has. */
export const sysctlFolder: string = join(sysctlRoot, 'net');
