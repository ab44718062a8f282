// Reads back what runs have concluded: one run by its folder, or the latest of every experiment under a results folder.

import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { RunError } from '../experiment/run-error.ts';
import { objectionOf } from '../recording/objection.ts';
import { readRegularFile } from '../recording/read-file.ts';
import { plan } from '../recording/schema.ts';
import { type Timeline, timeline } from '../timeline/schema.ts';
import { type Result, result } from '../verdict/schema.ts';
import { whyNotShown } from './conclusions.ts';
import { judgeFolder } from './judge-folder.ts';

export type Recorded = {
  /** The run's folder. */
  folder: string;
  /** Path of the experiment's source, as the plan names it. */
  file: string;
  /** The folder the experiment's source lies in. */
  topic: string;
  timeline: Timeline;
  result: Result;
  /** A sentence, where it is not what the run stored: it was concluded anew, for this reason. */
  note?: string;
};

/**
 * What the run stored, as long as that and the evidence are as they were; else what follows from the evidence now.
 * Throws RunError when the folder holds no run that can be read.
 */
export const readRecorded = async (folder: string): Promise<Recorded> => {
  const read = <T>(name: string, schema: z.ZodType<T>): T => {
    try {
      return schema.parse(JSON.parse(readRegularFile(join(folder, name)).toString()));
    } catch (error) {
      throw new RunError(
        `${folder} holds no finished run: ${name} cannot be read (${objectionOf(error)}). \`finwait analyze\` shows what is there.`,
        'EFOLDER',
      );
    }
  };
  const { file } = read('plan.json', plan);
  const own = { folder, file, topic: basename(dirname(file)) };
  const isFinished = conclusions.every((name) => existsSync(join(folder, name)));
  const stored = isFinished
    ? { timeline: read('timeline.json', timeline), result: read('result.json', result) }
    : undefined;
  const reason = whyNotShown(folder, conclusions);
  if (stored && reason === undefined) return { ...own, ...stored };
  const judged = await judgeFolder(folder);
  if (!judged)
    throw new RunError(
      `The run in ${folder} cannot be judged: ${reason}, and its experiment does not exist any more.`,
      'EFOLDER',
    );
  const note = `${folder} is concluded anew: ${reason ?? 'the run did not come to its conclusions'}.`;
  return { ...own, timeline: judged.timeline, result: judged.result, note: [note, judged.note ?? []].flat().join(' ') };
};

const conclusions = ['timeline.json', 'result.json'];

/** The folders of the latest finished run of each experiment, by name. */
export const latestFolders = (results: string): string[] => {
  if (!existsSync(results)) return [];
  return readdirSync(results, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(results, name, 'latest'))
    .filter((folder) => conclusions.every((name) => existsSync(join(folder, name))))
    .map((folder) => realpathSync(folder))
    .sort();
};
