// The document `--json` prints: one run per result, with its findings.
import { schemaVersion } from '../timeline/schema.ts';
import type { JsonDocument, Result } from '../verdict/schema.ts';

/** Make the `--json` document of these results, in their order. */
export const toJsonDocument = (results: Result[]): JsonDocument => ({ schemaVersion, runs: results.map(toRun) });

const toRun = ({
  experiment,
  folder,
  environment,
  durationMs,
  error,
  interrupted,
  findings,
}: Result): JsonDocument['runs'][number] => ({
  experiment,
  folder,
  environment,
  durationMs,
  ...(error && { error }),
  ...(interrupted && { interrupted }),
  findings,
});
