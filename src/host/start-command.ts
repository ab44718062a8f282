// The command line and environment a process is started with.
import { join } from 'node:path';
import { programFile } from '../program-file.ts';
import type { HostName } from '../timeline/schema.ts';
import { failure } from './errno.ts';
import type { SpawnRequest } from './requests.ts';

/** Program, arguments and environment for a request. */
export const startCommand = (
  { kind, name, command, args = [], env, limits }: SpawnRequest,
  { host, control }: { host: HostName; control: string },
): { file: string; args: string[]; env: NodeJS.ProcessEnv } => {
  if (kind === 'command' && !command)
    throw failure('EINVAL', `Cannot start ${name}: a command needs the field "command".`);
  const line = kind === 'command' ? [command as string, ...args] : [process.execPath, programOf(kind)];
  const [file, ...rest] = limits?.nofile === undefined ? line : limited(limits.nofile, line);
  const { NODE_COMPILE_CACHE = compileCache, ...own } = process.env;
  const given =
    kind === 'command'
      ? { ...own, ...env }
      : { ...own, NODE_COMPILE_CACHE, ...env, ...identity(host, name, control, kind) };
  return { file: file as string, args: rest, env: given };
};

/** The program that runs a node or raw process. */
export const programOf = (kind: 'node' | 'raw'): string => programFile(`host/${kind}-process`);

/**
 * Where Node keeps the compiled form of our programs. Without it each start loads the compiler that strips types, about 35 ms.
 * Set as NODE_COMPILE_CACHE for whatever is started.
 */
export const compileCache = join(import.meta.dirname, '../../node_modules/.cache/finwait');

const limited = (nofile: number, line: string[]) => ['prlimit', `--nofile=${nofile}:${nofile}`, '--', ...line];

// A raw process makes blocking calls on libuv's threads: each blocked call holds one.
const identity = (host: HostName, name: string, control: string, kind: 'node' | 'raw') => ({
  FINWAIT_CONTROL: control,
  FINWAIT_HOST: host,
  FINWAIT_PROCESS: name,
  ...(kind === 'raw' && { UV_THREADPOOL_SIZE: '32' }),
});
