// The experiments there are: every file experiments/<topic>/<name>.ts.
import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Experiment } from '../experiment/experiment.ts';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const experimentsFolder = join(projectFolder, 'experiments');

export type CatalogueEntry = { name: string; topic: string; file: string };

/** All experiments, by topic and name. */
export const listExperiments = (): CatalogueEntry[] =>
  readdirSync(experimentsFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(experimentsFolder, path))
    .map((file) => ({ name: basename(file, '.ts'), topic: basename(dirname(file)), file }))
    .sort((a, b) => a.topic.localeCompare(b.topic) || a.name.localeCompare(b.name));

/** Load an experiment's definition. */
export const loadExperiment = async ({ file }: { file: string }): Promise<Experiment> => {
  const { default: definition } = (await import(pathToFileURL(file).href)) as { default?: Experiment };
  if (!definition?.run || !definition.findings) {
    throw new Error(`${relative(projectFolder, file)} does not export an experiment: its default export must be \`experiment({ … })\`.`);
  }
  return definition;
};
