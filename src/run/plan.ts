// The plan of a run: which experiment, where, how, and what the machine is.

import { relative } from 'node:path';
import type { Experiment } from '../experiment/experiment.ts';
import { projectFolder } from '../experiment/project-folder.ts';
import { now } from '../record/clock.ts';
import { hostNames } from '../record/hosts.ts';
import { schemaVersion } from '../record/schema-version.ts';
import type { Plan } from '../recording/schema.ts';
import type { CatalogueEntry } from '../script/catalogue.ts';
import { readEnvironment } from './environment.ts';
import type { RunOptions } from './options.ts';

/** What is to be run, written down before it is. */
export const makePlan = async (
  entry: CatalogueEntry,
  definition: Experiment,
  options: RunOptions,
  startedAt: Date,
): Promise<Plan> => {
  const own = hostNames.flatMap((host) =>
    Object.entries(definition.sysctls?.[host] ?? {}).map(([name, value]) => ({ host, name, value: String(value) })),
  );
  return {
    schemaVersion,
    experiment: entry.name,
    title: definition.title,
    article: [definition.article ?? []].flat(),
    file: relative(projectFolder, entry.file),
    startedAt: startedAt.toISOString(),
    clockStart: now(),
    place: options.place.name,
    wireMode: definition.freeRun || definition.oneHost ? 'freeRun' : 'lockstep',
    ...(definition.oneHost && { oneHost: definition.oneHost }),
    ...(definition.proxy && { proxy: definition.proxy }),
    pace: options.pace,
    ...(options.stepper && { stepped: true }),
    environment: { ...(await readEnvironment()), ...(await options.place.environment?.()) },
    sysctls: [...own, ...options.sysctls],
  };
};
