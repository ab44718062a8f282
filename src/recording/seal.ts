// The seal of a run: what its folder held when the recording was over. Whoever changes, cuts, exchanges or adds
// evidence afterwards breaks it.

import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Gap } from '../record/gap.ts';
import { type HostName, hostNames } from '../record/hosts.ts';
import { errorCodeOf } from '../record/thrown.ts';
import { fingerprint, isThatFile } from './fingerprint.ts';
import { readRegularFile } from './read-file.ts';
import { type Seal, seal as sealSchema } from './schema.ts';

export const sealFile = 'seal.json';

/** Seal the folder as it is now. The seal is made aside and renamed into place: there is a whole one or none. */
export const writeSeal = (folder: string, seal: Omit<Seal, 'files'>): void => {
  const aside = join(folder, `.${sealFile}`);
  const files = Object.fromEntries(filesIn(folder).map((name) => [name, fingerprint(folder, name)]));
  writeFileSync(aside, `${JSON.stringify({ ...seal, files }, null, 1)}\n`);
  renameSync(aside, join(folder, sealFile));
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((name) => name !== sealFile)
    .sort();

/** The seal of a folder: `undefined` where there is none, a sentence where it cannot be read. */
export const readSeal = (folder: string): Seal | string | undefined => {
  let text: string;
  try {
    text = readRegularFile(join(folder, sealFile)).toString();
  } catch (error) {
    return errorCodeOf(error) === 'ENOENT' ? undefined : `${sealFile} cannot be read: ${error}`;
  }
  try {
    return sealSchema.parse(JSON.parse(text));
  } catch {
    return `${sealFile} is damaged, so that nothing shows which files the run recorded`;
  }
};

/** The files of a folder that are not as they were sealed. */
export const brokenFiles = (folder: string, seal: Seal): string[] =>
  Object.entries(seal.files).flatMap(([name, sealed]) => (isThatFile(folder, name, sealed) ? [] : [name]));

/** What lies in a sealed folder and is neither sealed nor made from what is. */
export const strayFiles = (folder: string): string[] => {
  const seal = readSeal(folder);
  return typeof seal === 'object' ? filesIn(folder).filter((name) => !(name in seal.files) && !isConcluded(name)) : [];
};

const isConcluded = (name: string): boolean =>
  /^((timeline|result)\.json(\.part)?|conclusions\.json|report\.html)$/.test(name) ||
  ['timeline', ...hostNames].some((one) => name === `${one}.pcapng`);

/** A gap for each file that is not the one sealed, and for each of those read that was never sealed. */
export const sealGaps = (folder: string, seal: Seal, read: Iterable<string>): Gap[] => [
  ...brokenFiles(folder, seal).map((name) => gap(name, `${name} is not the file the run recorded`)),
  ...[...read]
    .filter((name) => !(name in seal.files))
    .map((name) => gap(name, `${name} is none of the files the run recorded`)),
];

const gap = (name: string, reason: string): Gap => {
  const host = hostNames.find((one: HostName) => name.includes(one));
  return { witness: 'seal', reason, ...(host && { host }) };
};
