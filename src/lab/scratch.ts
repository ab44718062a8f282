// The folder that holds a lab's control socket. Its name bears the collector's pid and start time, so that the next start
// can tell the folders of collectors that were killed and remove them.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Scratch = { folder: string; remove(): void };

export const makeScratch = (): Scratch => {
  const parent = join(temporary(), `finwait-${process.getuid?.() ?? 0}`);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  removeLeftovers(parent);
  const folder = join(parent, `${process.pid}-${startTime(process.pid)}-${counter++}`);
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      removeWhenEmpty(parent);
    },
  };
};

let counter = 0;

/** The path of a Unix socket has 107 bytes at most (unix(7)). */
const temporary = () => (Buffer.byteLength(tmpdir()) > 50 ? '/tmp' : tmpdir());

const removeLeftovers = (parent: string) => {
  for (const name of readdirSync(parent)) {
    const [pid, started] = name.split('-');
    if (startTime(Number(pid)) !== started) rmSync(join(parent, name), { recursive: true, force: true });
  }
};

/** Field 22 of /proc/<pid>/stat (proc(5)): with the pid it names one process for ever. `gone` when there is no such process. */
export const startTime = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'gone';
  } catch {
    return 'gone';
  }
};

const removeWhenEmpty = (folder: string) => {
  try {
    rmdirSync(folder);
  } catch {} // another lab lives there
};
