// Start a child of this process that inherits one of its descriptors, as a fork would leave it: two processes, one socket.
import { spawn } from 'node:child_process';
import { ownToken, tokenOfChild, tokenVariable } from '../control/token.ts';
import { codeOf, failure } from './errno.ts';
import type { Inherited } from './inherited.ts';
import type { Recorder } from './recorder.ts';
import { programOf } from './start-command.ts';

/**
 * Start the same program as this process under `name`. `fd` stays open here as well. `detail` reaches the child as
 * FINWAIT_INHERITED. Answers when the child runs; it then dials control itself.
 */
export const shareDescriptor = async (
  recorder: Recorder,
  { kind, name, fd, detail }: { kind: 'node' | 'raw'; name: string; fd: number; detail: Inherited },
): Promise<{ pid: number; name: string }> => {
  const command = [process.execPath, programOf(kind)] as const;
  // Not by execa: the inherited descriptor and the child's end are part of the record.
  const child = spawn(command[0], [command[1]], {
    // The fourth entry becomes the child's descriptor 3, inheritedDescriptor.
    stdio: ['ignore', 'inherit', 'inherit', fd],
    env: {
      ...process.env,
      FINWAIT_PROCESS: name,
      FINWAIT_INHERITED: JSON.stringify(detail),
      [tokenVariable]: tokenOfChild(ownToken, name),
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(failure(codeOf(error), `Cannot start ${name}: ${error.message}.`)));
  });
  const pid = child.pid as number;
  recorder.process({ process: name, edge: 'start', pid, command: command.join(' '), driven: true });
  child.once('exit', (code, signal) => recorder.process({ process: name, edge: 'exit', pid, code, signal }));
  return { pid, name };
};
