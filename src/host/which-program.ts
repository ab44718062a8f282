// Which file a command is, by the PATH of whoever runs it, as execvp(3) looks for it. Of a Node its version as well.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type WhichProgram = { path: string; version?: string };

/** Undefined when there is no such program: whoever starts it will hear of that. */
export const whichProgram = (command: string, env: NodeJS.ProcessEnv, cwd = '.'): WhichProgram | undefined => {
  const folders = command.includes('/') ? [''] : (env.PATH ?? '').split(':');
  const path = folders.map((folder) => resolve(cwd, join(folder, command))).find(isProgram);
  if (path === undefined) return undefined;
  const version = /\/node(js)?$/.test(path) ? versionOf(path) : undefined;
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

const versionOf = (node: string): string | undefined => {
  if (!versions.has(node)) versions.set(node, ask(node));
  return versions.get(node);
};

/** Asking takes as long as a Node needs to start: once for each. */
const versions = new Map<string, string | undefined>([[process.execPath, process.version]]);

const ask = (node: string): string | undefined => {
  try {
    const said = execFileSync(node, ['--version'], {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return said.trim().slice(0, 50);
  } catch {
    return undefined;
  }
};
