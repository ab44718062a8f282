// strace beside a program: the witness of its system calls, and of those of all it starts (strace(1), ptrace(2)). The
// program stays our child, with its own end: strace is a grandchild of ours in a session of its own (-DDD). What it
// writes goes on as it came, each piece under a heading with the time (CLOCK_MONOTONIC, ns) at which it was read.
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../process/child.ts';
import { now } from '../record/clock.ts';
import { makeFolder } from './own-folder.ts';
import { standingOf, tracerOf } from './process-state.ts';

/** Network calls, and those that make, use, pass on and give up descriptors. */
const calls = [
  ...['%network', 'read', 'readv', 'preadv2', 'write', 'writev', 'pwritev2', 'sendfile', 'splice'],
  ...['close', 'close_range', 'dup', 'dup2', 'dup3', 'fcntl', 'ioctl'],
  ...['access', 'faccessat', 'faccessat2'], // the notes of node-lines.cjs
  ...['clone', 'clone3', 'fork', 'vfork', 'execve', 'exit_group'],
];
const options = [
  ...['-DDD', '-f', '--seccomp-bpf', '-q', '-a1', '-yy', '-s', '64'],
  ...['--absolute-timestamps=format:unix,precision:ns', '--syscall-times=ns'],
  ...['-e', `trace=${calls.join(',')}`],
  // A process that is killed is told of by its signal alone. Those that come often and by themselves kill nobody.
  ...['-e', 'signal=!SIGCHLD,SIGCONT,SIGWINCH,SIGURG,SIGPROF,SIGVTALRM'],
];

export type Trace = {
  /** The line to start in place of the program's. */
  line: [file: string, args: string[]];
  /** Resolves when the program is traced, or has ended. `pid` is that of the program. */
  begun(pid: number): Promise<void>;
  /** Pass on what has been written by now; after the end of the program all of it. */
  finish(): Promise<void>;
};

/** Why strace cannot be used here; undefined where it can. It is tried once. */
export const straceFault = (): Promise<string | undefined> => {
  tried ??= tryStrace();
  return tried;
};
let tried: Promise<string | undefined> | undefined;

const tryStrace = async (): Promise<string | undefined> => {
  const { ok, isMissing, words, stderr } = await run('strace', [...options, '-o', '/dev/null', 'true']);
  if (ok) return undefined;
  return isMissing ? 'strace is not installed' : (stderr || words).trim().split('\n')[0];
};

/** `control`: beside it the file lies until the program has ended; strace opens it, on a busy machine late. */
export const openTrace = (
  name: string,
  [file, args]: [file: string, args: string[]],
  control: string,
  tell: (bytes: Buffer) => void,
): Trace => {
  const own = makeFolder(control, 'strace');
  const path = join(own, 'calls');
  const output = openSync(path, 'wx+', 0o600);
  const part = Buffer.allocUnsafe(1 << 16);
  let position = 0;
  let pid = 0;
  let tracer = 0;
  let isOpen = true;
  const passOn = () => {
    while (isOpen) {
      const bytes = readSync(output, part, 0, part.length, position);
      if (bytes === 0) return;
      position += bytes;
      const heading = `# read t=${now()} bytes=${bytes} process=${name}\n`;
      tell(Buffer.concat([Buffer.from(heading), part.subarray(0, bytes), newline]));
    }
  };
  /** On a busy machine it is there late. */
  const findTracer = () => {
    if (tracer === 0 && pid !== 0) tracer = tracerOf(pid);
    return tracer;
  };
  const look = () => {
    findTracer();
    passOn();
  };
  const timer = setInterval(look, everyMilliseconds).unref();
  const isTracing = () => findTracer() !== 0 && isThere(tracer);
  return {
    line: ['strace', [...options, '-o', path, '--', file, ...args]],
    begun: async (program) => {
      pid = program;
      tell(Buffer.from(`# begin t=${now()} pid=${pid} process=${name}\n`));
      const begin = performance.now();
      while (findTracer() === 0 && isThere(pid) && performance.now() < begin + patienceToBeginMilliseconds)
        await pause(1);
      const deadline = performance.now() + patienceMilliseconds;
      while (isTracing() && fstatSync(output).size === 0 && performance.now() < deadline) await pause(1);
    },
    finish: async () => {
      // strace hears of the end before we do, and writes it down a moment later.
      const deadline = performance.now() + patienceMilliseconds;
      while (!isThere(pid) && isTracing() && performance.now() < deadline) await pause(1);
      if (!isOpen) return;
      const t = now();
      passOn();
      clearInterval(timer);
      isOpen = false;
      closeSync(output);
      rmSync(own, { recursive: true, force: true });
      tell(Buffer.from(`# end t=${t} process=${name}\n`));
    },
  };
};

const newline = Buffer.from('\n');
const everyMilliseconds = 50;
const patienceMilliseconds = 500;
/** strace itself has to start, on a machine that may be busy; nobody waits longer for an answer than 15 s. */
const patienceToBeginMilliseconds = 10_000;

/** Whether there is such a process, and it has not ended. */
const isThere = (pid: number): boolean => standingOf(pid) !== undefined;
