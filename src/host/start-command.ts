// The command line and environment a process is started with.
import { join } from 'node:path';
import { tokenVariable } from '../control/token.ts';
import { programFile } from '../process/program-file.ts';
import type { HostName } from '../record/hosts.ts';
import { failure } from './errno.ts';
import type { SpawnRequest } from './requests.ts';
import { userEnvironment } from './user-environment.ts';
import { type WhichProgram, whichProgram } from './which-program.ts';

/** Program, arguments and environment for a request. */
export const startCommand = async (
  { kind, name, command, ownNode, args = [], env, limits, cwd, token, traced }: SpawnRequest,
  { host, control }: { host: HostName; control: string },
): Promise<{ file: string; args: string[]; env: NodeJS.ProcessEnv; program?: WhichProgram }> => {
  const program = kind !== 'command' || ownNode ? process.execPath : command;
  if (!program) throw failure('EINVAL', `Cannot start ${name}: a command needs the field "command".`);
  const words = kind === 'command' ? args : [programOf(kind)];
  const [file, rest] = limits?.nofile === undefined ? [program, words] : limited(limits.nofile, [program, ...words]);
  const { NODE_COMPILE_CACHE = compileCache, ...own } = process.env;
  const given =
    kind === 'command'
      ? withNotes({ ...userEnvironment(own), ...env }, traced)
      : { ...own, NODE_COMPILE_CACHE, ...env, ...identity(host, name, control, kind), [tokenVariable]: token };
  const which = kind === 'command' ? await whichProgram(program, given, cwd) : undefined;
  return { file, args: rest, env: given, ...(which && { program: which }) };
};

/** Every Node that is traced loads what notes its lines for strace. */
const withNotes = (env: NodeJS.ProcessEnv, traced = false): NodeJS.ProcessEnv => {
  if (!traced) return env;
  const load = `--require "${join(import.meta.dirname, 'node-lines.cjs')}"`;
  return { ...env, NODE_OPTIONS: env.NODE_OPTIONS ? `${env.NODE_OPTIONS} ${load}` : load };
};

/** The program that runs a node or raw process. */
export const programOf = (kind: 'node' | 'raw'): string => programFile(`host/${kind}-process`);

/**
 * Where Node keeps the compiled form of our programs. Without it each start loads the compiler that strips types, about 35 ms.
 * Set as NODE_COMPILE_CACHE for whatever is started.
 */
export const compileCache = join(import.meta.dirname, '../../node_modules/.cache/finwait');

const limited = (nofile: number, line: string[]): [file: string, args: string[]] => [
  'prlimit',
  [`--nofile=${nofile}:${nofile}`, '--', ...line],
];

// A raw process makes blocking calls on libuv's threads: each blocked call holds one.
const identity = (host: HostName, name: string, control: string, kind: 'node' | 'raw') => ({
  FINWAIT_CONTROL: control,
  FINWAIT_HOST: host,
  FINWAIT_PROCESS: name,
  ...(kind === 'raw' && { UV_THREADPOOL_SIZE: '32' }),
});
