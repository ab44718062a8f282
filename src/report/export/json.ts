// The document `--json` prints: one run per result, with its findings.
import { schemaVersion } from '../../record/schema-version.ts';
import type { JsonDocument, Result } from '../../verdict/schema.ts';

/** Make the `--json` document of these results, in their order. `failed` are experiments that came to none. */
export const toJsonDocument = (
  results: Result[],
  failed: { experiment: string; error: Error & { code?: string } }[] = [],
): JsonDocument => ({
  schemaVersion,
  runs: results.map(toRun),
  ...(failed.length > 0 && {
    failed: failed.map(({ experiment, error: { message, code = 'EFAULT' } }) => ({
      experiment,
      error: { message, code },
    })),
  }),
});

const toRun = ({
  experiment,
  folder,
  environment,
  durationMs,
  error,
  interrupted,
  findings,
  diagnoses,
}: Result): JsonDocument['runs'][number] => ({
  experiment,
  folder,
  environment,
  durationMs,
  ...(error && { error }),
  ...(interrupted && { interrupted }),
  findings,
  ...(diagnoses && { diagnoses }),
});
