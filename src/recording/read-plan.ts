// Reads the plan of a run back from its folder.

import { join } from 'node:path';
import { objectionOf } from './objection.ts';
import { readRegularFile } from './read-file.ts';
import { type Plan, plan as planSchema } from './schema.ts';

/** Throws PlanError when plan.json cannot be read as one. */
export const readPlan = (folder: string): Plan => {
  const path = join(folder, 'plan.json');
  try {
    return planSchema.parse(JSON.parse(readRegularFile(path).toString()));
  } catch (error) {
    throw new PlanError(`${path} is not the plan of a run: ${objectionOf(error)}`);
  }
};

export class PlanError extends Error {
  override name = 'PlanError';
}
