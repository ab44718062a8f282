// The folder that holds a lab's control socket: nobody but the user of this process can look into it. Its name bears
// the collector's pid and start time, so that the next start can tell the folders of collectors that were killed and
// remove them.

import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../record/thrown.ts';
import { LabError } from './lab-error.ts';

export type Scratch = {
  folder: string;
  /** The group, besides this user, whose processes reach the socket: where containers run as others. */
  group?: number;
  remove(): void;
};

export const makeScratch = (): Scratch => {
  const folder = makePrivateFolder(temporary());
  if (folders.size === 0) process.on('exit', removeAll);
  folders.add(folder);
  const remove = () => {
    folders.delete(folder);
    if (folders.size === 0) process.off('exit', removeAll);
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, remove };
};

/** Those of this process: one listener for them all, because many labs may be there at a time. */
const folders = new Set<string>();
const removeAll = () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
};

/**
 * mkdtemp(3) makes the folder under a name nobody could know before; that it is ours and ours alone is looked at all
 * the same.
 */
const makePrivateFolder = (parent: string): string => {
  try {
    refuseOpen(parent);
    removeLeftovers(parent);
    const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-${startTime(process.pid)}-`));
    chmodSync(folder, 0o700);
    const { mode, uid } = lstatSync(folder);
    if ((mode & 0o777) !== 0o700 || uid !== ownUid()) throw new Error(`${folder} is not this user's alone`);
    return folder;
  } catch (error) {
    throw new LabError(
      `The folder of the control socket cannot be made: ${messageOf(error)}.`,
      'Name another place for temporary files, on a file system that keeps owners: TMPDIR=/somewhere',
    );
  }
};

/** Where everybody may write and the sticky bit is missing, anybody could put a folder of his own in the place of ours. */
const refuseOpen = (parent: string) => {
  const { mode } = statSync(parent);
  if ((mode & 0o1002) === 0o0002) throw new Error(`everybody may rename what lies in ${parent}`);
};

const prefix = 'finwait-';
const ownUid = () => process.getuid?.() ?? 0;

/** The path of a Unix socket has 107 bytes at most (unix(7)). */
const temporary = () => (Buffer.byteLength(tmpdir()) > 40 ? '/tmp' : tmpdir());

const removeLeftovers = (parent: string) => {
  for (const name of readdirSync(parent)) {
    const [, pid, started] = /^finwait-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    if (pid === undefined || startTime(Number(pid)) === started) continue;
    const folder = join(parent, name);
    const { uid } = lstatSync(folder, { throwIfNoEntry: false }) ?? {};
    if (uid === ownUid()) rmSync(folder, { recursive: true, force: true });
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
