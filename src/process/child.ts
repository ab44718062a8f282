// Every child that finwait starts for itself is started here, by execa. It is loaded with the first child: that takes
// 25 ms, and most commands have none. Nothing is done about a child when this process ends (`cleanup`): execa's handlers
// of signals would come before our own, and what may not outlive us is started so that the kernel ends it.
import type { Readable, Writable } from 'node:stream';
import { startAtOnce } from './priority.ts';

/** How a child came to its end, and what it printed, without the last line break. */
export type Outcome = {
  /** It ended with exit code 0, in time. */
  ok: boolean;
  /** There is no such program. */
  isMissing: boolean;
  /** None where it could not be started, or was ended by a signal. */
  code?: number;
  signal?: string;
  stdout: string;
  stderr: string;
  /** Why it is not ok, as execa tells it, with what the child wrote on its error output. */
  words: string;
};

type RunOptions = {
  input?: string;
  /** After so many milliseconds it is ended by SIGTERM, and by SIGKILL where that does not help; 0: never. */
  timeout?: number;
  /** Its output is ours. */
  inherit?: boolean;
  /** In a process group of its own: Ctrl-C in a terminal is not for it. */
  detached?: boolean;
};

/** As long as nobody waits for a program that says a line and ends. */
const patienceMilliseconds = 10_000;
const graceMilliseconds = 2000;
const mostCharacters = 20_000_000;

/** Run a program to its end. Never rejects. */
export const run = async (command: string, args: string[], options: RunOptions = {}): Promise<Outcome> => {
  const { input, timeout = patienceMilliseconds, inherit = false, detached = false } = options;
  const { execa } = await import('execa');
  const output = inherit ? 'inherit' : 'pipe';
  const ended = await startAtOnce(command, args, (file, words) =>
    execa(file, words, {
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      ...{ stdout: output, stderr: output, maxBuffer: mostCharacters },
      ...{ timeout, forceKillAfterDelay: graceMilliseconds },
      ...{ detached, cleanup: false, reject: false },
    }),
  );
  const { failed, exitCode, signal, code, stdout = '', stderr = '', message = '' } = ended;
  return {
    ok: !failed,
    isMissing: code === 'ENOENT' || (exitCode === 127 && stderr.startsWith('chrt: failed to execute')),
    code: exitCode,
    signal,
    ...{ stdout, stderr, words: message },
  };
};

/** What a program prints. Throws its words when it fails, with `code` ENOENT where there is no such program. */
export const outputOf = async (command: string, args: string[], options: RunOptions = {}): Promise<string> => {
  const { ok, isMissing, stdout, words } = await run(command, args, options);
  if (!ok) throw Object.assign(new Error(words), isMissing && { code: 'ENOENT' });
  return stdout;
};

/** A child that stays. */
export type Child = {
  /** None where it could not be started. */
  pid?: number;
  stdin: Writable;
  stdout: Readable;
  isRunning(): boolean;
  /** The end of what it has written on its error output; or why it could not be started. */
  words(): string;
  /** Resolves once it has ended and all its output has been read. */
  ended: Promise<End>;
  kill(signal: NodeJS.Signals): boolean;
  /** Let this process end although the child has not. */
  unref(): void;
};

/** `how` in words: `SIGKILL`, `exit code 1`, `spawn ss ENOENT`. */
export type End = { code?: number; how: string };

type StartOptions = {
  /** The default is `ignore`. */
  stdin?: 'pipe';
  stdout?: 'pipe';
  /** Then there are no words. */
  stderr?: 'inherit' | 'ignore';
  detached?: boolean;
  /** In place of our own environment. */
  env?: NodeJS.ProcessEnv;
  /** Called whenever it has written on its error output, with the end of what it has by now. */
  onWords?(words: string): void;
};

/** Start a program that stays. Never rejects: how a program that is not there ends is told like any other end. */
export const start = async (command: string, args: string[], options: StartOptions = {}): Promise<Child> => {
  const {
    stdin = 'ignore',
    stdout = 'ignore',
    stderr = 'pipe',
    detached = false,
    env = process.env,
    onWords,
  } = options;
  const { execa } = await import('execa');
  const child = startAtOnce(command, args, (file, words) =>
    execa(file, words, {
      ...{ stdin, stdout, stderr, buffer: false, encoding: 'buffer' },
      ...{ env, extendEnv: false, detached, cleanup: false, reject: false },
    }),
  );
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-keptCharacters);
    onWords?.(words);
  });
  const ended = child.then(({ exitCode, signal, originalMessage }) => {
    if (exitCode !== undefined) return { code: exitCode, how: `exit code ${exitCode}` };
    if (signal !== undefined) return { how: signal };
    words = originalMessage ?? 'it could not be started';
    return { how: words };
  });
  const { nodeChildProcess } = child;
  return {
    pid: child.pid,
    stdin: child.stdin as Writable,
    stdout: child.stdout as Readable,
    isRunning: () =>
      child.pid !== undefined && nodeChildProcess.exitCode === null && nodeChildProcess.signalCode === null,
    words: () => words.trim(),
    ended,
    kill: (signal) => nodeChildProcess.kill(signal),
    unref: () => nodeChildProcess.unref(),
  };
};

const keptCharacters = 2000;
