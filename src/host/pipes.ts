// The input and the outputs of a command as pipes (pipe(7)). Node makes pairs of sockets instead, and those cannot be
// opened again by their names: /dev/stdin, /dev/stdout and /dev/stderr, as the configuration of many a server does (ENXIO).
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { outputOf } from '../process/child.ts';
import { makeFolder } from './own-folder.ts';

export type Pipes = {
  /** The ends of the command: descriptors of ours, until `given`. */
  stdio: [number, number, number];
  /** The command has them now. */
  given(): void;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
};

/** `control`: beside it they lie while they are opened. */
export const openPipes = async (control: string): Promise<Pipes> => {
  const folder = makeFolder(control, 'pipes');
  const paths = ['stdin', 'stdout', 'stderr'].map((name) => join(folder, name)) as [string, string, string];
  try {
    await outputOf('mkfifo', ['--mode=600', ...paths]);
    const [stdin, stdout, stderr] = paths;
    // Whoever opens one end waits for the other, unless it is to read and does not want to wait.
    const first = [stdin, stdout, stderr].map((path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    const [aside, ownOut, ownErr] = first as [number, number, number];
    const ownIn = openSync(stdin, constants.O_WRONLY);
    const stdio: Pipes['stdio'] = [
      openSync(stdin, constants.O_RDONLY),
      openSync(stdout, constants.O_WRONLY),
      openSync(stderr, constants.O_WRONLY),
    ];
    closeSync(aside);
    return {
      stdio,
      given: () => stdio.forEach(closeSync),
      stdin: new Socket({ fd: ownIn, readable: false, writable: true }),
      stdout: new Socket({ fd: ownOut, readable: true, writable: false }),
      stderr: new Socket({ fd: ownErr, readable: true, writable: false }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
