// Which file a command is, by the PATH of whoever runs it, as execvp(3) looks for it. Of a Node its version as well.
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from '../process/child.ts';

export type WhichProgram = { path: string; version?: string };

/** Undefined when there is no such program: whoever starts it will hear of that. */
export const whichProgram = async (
  command: string,
  env: NodeJS.ProcessEnv,
  cwd = '.',
): Promise<WhichProgram | undefined> => {
  const folders = command.includes('/') ? [''] : (env.PATH ?? '').split(':');
  const path = folders.map((folder) => resolve(cwd, join(folder, command))).find(isProgram);
  if (path === undefined) return undefined;
  const version = /\/node(js)?$/.test(path) ? await versionOf(path) : undefined;
  return version === undefined ? { path } : { path, version };
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const versionOf = async (node: string): Promise<string | undefined> => {
  const asked = versions.get(node) ?? ask(node);
  versions.set(node, asked);
  return asked;
};

/** Asking takes as long as a Node needs to start: once for each. */
const versions = new Map<string, Promise<string | undefined>>([[process.execPath, Promise.resolve(process.version)]]);

const ask = async (node: string): Promise<string | undefined> => {
  const { ok, stdout } = await run(node, ['--version'], { timeout: 5000 });
  return ok ? stdout.trim().slice(0, 50) : undefined;
};
