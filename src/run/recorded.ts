// Reads back what runs have concluded: one run by its folder, or the latest of every experiment under a results folder.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ZodError, type z } from 'zod';
import { type Timeline, timeline } from '../timeline/schema.ts';
import { type Result, result } from '../verdict/schema.ts';
import { RunError } from './run-error.ts';
import { plan } from './schema.ts';

export type Recorded = {
  /** The run's folder. */
  folder: string;
  /** Path of the experiment's source, as the plan names it. */
  file: string;
  /** The folder the experiment's source lies in. */
  topic: string;
  timeline: Timeline;
  result: Result;
};

/** Throws RunError when the folder holds no finished run. */
export const readRecorded = (folder: string): Recorded => {
  const read = <T>(name: string, schema: z.ZodType<T>): T => {
    try {
      return schema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    } catch (error) {
      throw new RunError(
        `${folder} holds no finished run: ${name} cannot be read (${wordsOf(error as Error)}). \`finwait analyze\` shows what is there.`,
        'EFOLDER',
      );
    }
  };
  const { file } = read('plan.json', plan);
  return {
    folder,
    file,
    topic: basename(dirname(file)),
    timeline: read('timeline.json', timeline),
    result: read('result.json', result),
  };
};

const wordsOf = (error: Error): string => {
  const [first] = error instanceof ZodError ? error.issues : [];
  return first ? `${first.path.join('.') || 'the whole'}: ${first.message}` : error.message;
};

/** The folders of the latest finished run of each experiment, by name. */
export const latestFolders = (results: string): string[] => {
  if (!existsSync(results)) return [];
  return readdirSync(results, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(results, name, 'latest'))
    .filter((folder) => existsSync(join(folder, 'result.json')) && existsSync(join(folder, 'timeline.json')))
    .map((folder) => realpathSync(folder))
    .sort();
};
