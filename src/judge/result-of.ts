// The result document of a run, made of what was concluded.
import { schemaVersion } from '../record/schema-version.ts';
import type { Result } from '../verdict/schema.ts';
import type { Analysis } from './analyze.ts';

type Concluded = Omit<Analysis, 'timeline'>;
type Rest = Pick<Result, 'folder' | 'durationMs' | 'phases' | 'error' | 'interrupted'>;

export const resultOf = (
  { plan, environment, findings, diagnoses }: Concluded,
  { folder, durationMs, phases, ...end }: Rest,
): Result => ({
  schemaVersion,
  experiment: plan.experiment,
  title: plan.title,
  article: plan.article.join(', '),
  folder,
  startedAt: plan.startedAt,
  durationMs,
  phases,
  environment,
  ...end,
  findings,
  ...(diagnoses && { diagnoses }),
});
