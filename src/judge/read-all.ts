// Reads back many runs, one after the other. One that cannot be read is told of and left out.
import { PlanError } from '../run/analyze.ts';
import { RunError } from '../run/run-error.ts';
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
