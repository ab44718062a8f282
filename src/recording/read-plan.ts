// Reads the plan of a run back from its folder.
import { join } from 'node:path';
import { readRegularFile } from './read-file.ts';
import { type Plan, plan as planSchema } from './schema.ts';

/** Throws PlanError when plan.json cannot be read as one. */
export const readPlan = (folder: string): Plan => {
  const path = join(folder, 'plan.json');
  try {
    return planSchema.parse(JSON.parse(readRegularFile(path).toString()));
  } catch (error) {
    const { message, issues } = error as Error & { issues?: { path: PropertyKey[]; message: string }[] };
    const [first] = issues ?? [];
    throw new PlanError(
      `${path} is not the plan of a run: ${first ? `${first.path.join('.') || 'the whole'}: ${first.message}` : message}`,
    );
  }
};

export class PlanError extends Error {
  override name = 'PlanError';
}
