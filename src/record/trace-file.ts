// Where what strace wrote of a host's programs lies in a run's folder.
import type { HostName } from './hosts.ts';

export const traceFile = (host: HostName): string => `strace-${host}.txt`;
