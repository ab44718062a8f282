// conclusions.json: what the files that follow from a run's evidence were when they were concluded. They are shown
// again for as long as they, and the evidence under its seal, are still the same; else what is shown is concluded anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fingerprint, isThatFile } from '../recording/fingerprint.ts';
import { readRegularFile } from '../recording/read-file.ts';
import { fingerprint as fingerprintSchema } from '../recording/schema.ts';
import { brokenFiles, readSeal, sealFile } from '../recording/seal.ts';

export const conclusionsFile = 'conclusions.json';
const schema = z.record(z.string(), fingerprintSchema);

/** Keep what these files are now, and under which seal. */
export const keepConclusions = (folder: string, names: readonly string[]): void => {
  const now = [...names, sealFile].flatMap((name) => {
    try {
      return [[name, fingerprint(folder, name)] as const];
    } catch {
      return []; // a run that broke off has no seal
    }
  });
  const all = { ...(readConclusions(folder) ?? {}), ...Object.fromEntries(now) };
  writeFileSync(join(folder, conclusionsFile), `${JSON.stringify(all, null, 1)}\n`);
};

/** Why these files cannot be shown as the run's conclusions: a sentence without its end; undefined where they can. */
export const whyNotShown = (folder: string, names: readonly string[]): string | undefined => {
  const seal = readSeal(folder);
  if (typeof seal !== 'object') return seal ?? 'the run broke off before its evidence was sealed';
  const [broken] = brokenFiles(folder, seal);
  if (broken !== undefined) return `${broken} is not the file the run recorded`;
  const changed = changedConclusions(folder, [...names, sealFile]);
  if (!changed) return 'nothing shows what the run concluded';
  return changed[0] === undefined ? undefined : notConcluded(changed.slice(0, 1));
};

/** Which of these files are not as they were when the run was concluded; undefined where nothing shows what they were. */
export const changedConclusions = (folder: string, names: readonly string[]): string[] | undefined => {
  const kept = readConclusions(folder);
  return kept && names.filter((name) => !isThatFile(folder, name, kept[name]));
};

/** `result.json is not what the run concluded` */
export const notConcluded = (names: readonly string[]): string =>
  `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not what the run concluded`;

type Conclusions = z.infer<typeof schema>;

const readConclusions = (folder: string): Conclusions | undefined => {
  try {
    return schema.parse(JSON.parse(readRegularFile(join(folder, conclusionsFile)).toString()));
  } catch {
    return undefined;
  }
};
