// A clone of the project for `docker compose up`: what the image is made of, in a folder of its own, owned by somebody.
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { afterAll } from 'vitest';
import { projectFolder } from '../finwait.ts';
import { docker, lines } from './engine.ts';

const parts = [
  'compose.yaml',
  'docker',
  '.dockerignore',
  'package.json',
  'package-lock.json',
  'scripts/bundle.mjs',
  'src',
  'experiments',
];

/** Make one, and remove it with its containers and volumes after the tests. */
export const composeProject = ({ owner }: { owner?: number } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-compose-'));
  for (const part of parts) cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'results'));
  if (owner !== undefined) chownSync(join(folder, 'results'), owner, owner);
  const name = basename(folder).toLowerCase();
  const compose = ['compose', '--project-name', name];
  const ofProject = ['--filter', `label=com.docker.compose.project=${name}`];
  const all = async () => lines(await docker('ps', '--all', ...ofProject, '--format', '{{.Names}}'));
  afterAll(async () => {
    await execa('docker', [...compose, 'down', '--volumes', '--timeout', '5'], { cwd: folder, reject: false });
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  return {
    name,
    folder,
    /** Start `docker compose up`; awaiting it gives its output and exit code. */
    up: (env: Record<string, string> = {}, ...args: string[]) =>
      execa('docker', [...compose, 'up', ...args], { cwd: folder, env, all: true, reject: false, stdin: 'ignore' }),
    /** The names of its containers that run. */
    containers: async () => lines(await docker('ps', ...ofProject, '--format', '{{.Names}}')),
    /** Each service that ended, with its exit code. */
    exitCodes: async () => {
      const format = '{{.Label "com.docker.compose.service"}} {{.Status}}';
      const status = lines(await docker('ps', '--all', ...ofProject, '--format', format));
      return Object.fromEntries(status.map((line) => [line.split(' ')[0], /Exited \((\d+)\)/.exec(line)?.[1]]));
    },
    all,
    runs: (experiment: string) => readdirSync(join(folder, 'results', experiment)).filter((one) => one !== 'latest'),
  };
};
