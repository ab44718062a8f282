// Whether a plan is the one its record was made by: the log of the calls names the experiment and the plan before anything else.
import { basename } from 'node:path';
import type { ApiRecord } from '../record/api-records.ts';
import type { Gap } from '../record/gap.ts';
import type { Plan } from './schema.ts';

/** `sha256` is that of plan.json. */
export const planAgreement = (plan: Pick<Plan, 'experiment' | 'file'>, sha256: string, api: ApiRecord[]): Gap[] =>
  [begin(plan, sha256, api), nameOfFile(plan)].flatMap((reason) =>
    reason === undefined ? [] : [{ witness: 'api' as const, reason }],
  );

const begin = ({ experiment }: Pick<Plan, 'experiment'>, sha256: string, api: ApiRecord[]): string | undefined => {
  const [first, ...rest] = api;
  if (first?.type !== 'begin') return 'api.ndjson does not begin with the plan of its run';
  if (rest.some(({ type }) => type === 'begin')) return 'api.ndjson is the log of more than one run';
  if (first.experiment !== experiment)
    return `plan.json is of the experiment '${experiment}', and api.ndjson of '${first.experiment}'`;
  return first.plan === sha256 ? undefined : 'plan.json is not the plan that api.ndjson was recorded by';
};

/** An experiment is called as its file is. */
const nameOfFile = ({ experiment, file }: Pick<Plan, 'experiment' | 'file'>): string | undefined => {
  const name = basename(file).replace(/\.(ts|pkt)$/, '');
  return experiment === name || experiment === `packetdrill-${name}`
    ? undefined
    : `plan.json is of the experiment '${experiment}', and of the file ${file}`;
};
