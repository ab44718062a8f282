// Reads back many runs, one after the other. One that cannot be read is told of and left out.

import { RunError } from '../experiment/run-error.ts';
import { PlanError } from '../recording/read-plan.ts';
import { type Recorded, readRecorded } from './recorded.ts';

export const readAll = async (folders: readonly string[], tell: (sentence: string) => void): Promise<Recorded[]> => {
  const all: Recorded[] = [];
  for (const folder of folders) {
    try {
      const recorded = await readRecorded(folder);
      if (recorded.note !== undefined) tell(recorded.note);
      all.push(recorded);
    } catch (error) {
      if (!(error instanceof RunError) && !(error instanceof PlanError)) throw error;
      tell(error.message);
    }
  }
  return all;
};
