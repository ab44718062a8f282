// The experiments there are: every file experiments/<topic>/<name>.ts.
import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Experiment } from '../experiment/experiment.ts';
import { projectFolder } from '../experiment/project-folder.ts';
import { RunError } from '../experiment/run-error.ts';
import { isBundled, programFile } from '../process/program-file.ts';

export { projectFolder };

const experimentsFolder = join(projectFolder, 'experiments');

export type CatalogueEntry = { name: string; topic: string; file: string };

/** All experiments, by topic and name. */
export const listExperiments = (): CatalogueEntry[] =>
  readdirSync(experimentsFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(experimentsFolder, path))
    .map((file) => ({ name: basename(file, '.ts'), topic: basename(dirname(file)), file }))
    .sort((a, b) => compare(a.topic, b.topic) || compare(a.name, b.name));

/** Not by a language: to load its rules takes longer than all the rest. */
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

/**
 * Load an experiment's definition. Throws RunError when it has none, or one of its findings could never be decided. The
 * file may lie anywhere: `#finwait` is the vocabulary everywhere.
 */
export const loadExperiment = async ({ file }: { file: string }): Promise<Experiment> => {
  if (isBundled || !file.startsWith(projectFolder)) resolveVocabulary();
  const name = file.startsWith(projectFolder) ? relative(projectFolder, file) : file;
  const { default: definition } = await importFile(file).catch((error: Error) => {
    const [excerpt = error.message] = (error.stack ?? '').split('\n    at ');
    throw new RunError(`The experiment ${name} cannot be loaded. ${excerpt}`, 'ESCRIPT');
  });
  if (typeof definition !== 'object' || definition === null) {
    throw new RunError(
      `${name} does not export an experiment: its default export must be \`experiment({ … })\`.`,
      'ESCRIPT',
    );
  }
  const { checkDefinition } = await import('./checks/definition.ts'); // whoever only lists has no use for it
  checkDefinition(definition);
  return definition;
};

const importFile = (file: string): Promise<{ default?: Experiment }> => import(pathToFileURL(file).href);

/**
 * Node resolves `#finwait` by the nearest package.json, which for a file elsewhere is not ours; there, TypeScript is
 * always a module.
 */
const resolveVocabulary = () => {
  if (isResolved) return;
  isResolved = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === '#finwait') return { url: vocabulary, shortCircuit: true };
      const resolved = next(specifier, context);
      const isElsewhere = resolved.url.startsWith('file:') && !fileURLToPath(resolved.url).startsWith(projectFolder);
      return isElsewhere && resolved.url.endsWith('.ts') ? { ...resolved, format: 'module-typescript' } : resolved;
    },
  });
};
let isResolved = false;
const vocabulary = pathToFileURL(programFile('finwait')).href;
