// The experiment by which a recorded run is judged.
import { realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Experiment } from '../experiment/experiment.ts';
import { keptScript, scriptExperiment } from '../packetdrill/script-experiment.ts';
import { readRegularFile } from '../recording/read-file.ts';
import { type SourceOfRun, sourceOfRun } from '../recording/source-of-run.ts';
import { listExperiments, loadExperiment, projectFolder } from '../script/catalogue.ts';

type RecordedPlan = { experiment: string; file: string };
/** `note`: a sentence to be said with every verdict that follows. */
export type DefinitionOfRun = { definition: Experiment; note?: string };

/**
 * The definition, from the source that ran, or from today's where that is asked for. Undefined when there is neither.
 * Throws RunError when it cannot be loaded.
 */
export const definitionOfRun = async (
  folder: string,
  plan: RecordedPlan,
  { isTodays = false } = {},
): Promise<DefinitionOfRun | undefined> => {
  const script = recordedScript(folder, plan);
  if (script) return { definition: script };
  const today = todaysFile(folder, plan);
  const source = isTodays ? todaysSource(today) : sourceOfRun(folder, today);
  return source && { definition: await loadExperiment(source), note: source.note };
};

const todaysSource = (file: string | undefined): SourceOfRun | undefined => (file === undefined ? undefined : { file });

/**
 * The file the plan names, or the experiment that bears the name now. What lies in the folder itself is no experiment
 * of today.
 */
const todaysFile = (folder: string, { experiment, file }: RecordedPlan): string | undefined => {
  const path = resolve(projectFolder, file);
  return isFile(path) && !realpathSync(path).startsWith(`${realpathSync(folder)}/`)
    ? path
    : listExperiments().find(({ name }) => name === experiment)?.file;
};

/** A script of packetdrill is data, and its experiment is the same for all. */
const recordedScript = (folder: string, { experiment, file }: RecordedPlan): Experiment | undefined => {
  const path = join(folder, keptScript);
  if (!experiment.startsWith('packetdrill-') || !isFile(path)) return undefined;
  return scriptExperiment({ file: basename(file), text: readRegularFile(path).toString() });
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
