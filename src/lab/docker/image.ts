// The image hosts and sidecars run from. Its tag is a digest of what it is made of: a change of a source asks for a new image,
// and what is built once is found again.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { errorCodeOf } from '../../record/thrown.ts';
import { LabError } from '../lab-error.ts';
import { docker, dockerOutput } from './command.ts';

export type Image = { name: string; versions: Versions };
const versions = z.object({ node: z.string(), iproute2: z.string(), tcpdump: z.string() });
export type Versions = z.infer<typeof versions>;

export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));
const ingredients = [
  '.dockerignore',
  'docker',
  'package.json',
  'package-lock.json',
  'scripts/bundle.mjs',
  'src',
  'experiments',
];

/**
 * The image of this very source, built when the engine does not have it. Throws LabError, with the output of the build,
 * when it cannot be.
 */
export const prepareImage = async (say: (text: string) => void): Promise<Image> => {
  const name = `finwait:${digestOfIngredients()}`;
  if (!(await docker(['image', 'inspect', '--format', 'present', name])).ok) await build(name, say);
  return { name, versions: await versionsIn(name) };
};

const build = async (name: string, say: (text: string) => void) => {
  say(`building the image ${name}; the first time this takes about a minute`);
  const args = [
    'build',
    '--tag',
    name,
    '--label',
    'finwait.image=1',
    '--file',
    join(projectFolder, 'docker/Dockerfile'),
    projectFolder,
  ];
  const { ok, stdout, stderr } = await docker(args);
  if (!ok) {
    const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-30).join('\n');
    throw new LabError(
      `The image could not be built:\n${last}\n`,
      'Building needs the Debian and npm registries, and the base image docker/Dockerfile names.',
    );
  }
  await removeOlder();
};

/** Images of earlier sources, once a day has passed: until then another clone of the project may be running from one. */
const removeOlder = () =>
  docker(['image', 'prune', '--all', '--force', '--filter', 'label=finwait.image', '--filter', 'until=24h']);

/** What a run records as its environment is in the image, not on this machine. An image never changes: it is asked once. */
const versionsIn = async (name: string): Promise<Versions> => {
  const known = join(projectFolder, 'node_modules/.cache/finwait/images', `${name.slice('finwait:'.length)}.json`);
  try {
    return versions.parse(JSON.parse(readFileSync(known, 'utf8')));
  } catch {} // not asked yet
  const ask = 'node --version; ss -V; tcpdump --version 2>&1 | head -n 1';
  const lines = (
    await dockerOutput(['run', '--rm', '--network', 'none', '--label', 'finwait.lab=versions', name, 'sh', '-c', ask])
  ).split('\n');
  const [node, iproute2, tcpdump] = lines.map((line) => /\d+\.\d+(\.\d+)?/.exec(line)?.[0] ?? 'unknown');
  const found = { node: node ?? 'unknown', iproute2: iproute2 ?? 'unknown', tcpdump: tcpdump ?? 'unknown' };
  try {
    mkdirSync(dirname(known), { recursive: true });
    writeFileSync(known, JSON.stringify(found));
  } catch {} // then it is asked again next time
  return found;
};

const digestOfIngredients = (): string => {
  const hash = createHash('sha256');
  for (const path of ingredients.flatMap(filesUnder))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(projectFolder, path)))
      .update('\0');
  return hash.digest('hex').slice(0, 12);
};

/** Files in order, without those .dockerignore leaves out. */
const filesUnder = (path: string): string[] => {
  if (/\.test\.ts$|\/fixtures$/.test(path)) return [];
  try {
    return readdirSync(join(projectFolder, path))
      .sort()
      .flatMap((name) => filesUnder(join(path, name)));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOTDIR') return [path];
    throw error;
  }
};
