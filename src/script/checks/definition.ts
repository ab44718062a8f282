// Checks what an experiment is defined by, before anything is started for it.

import { z } from 'zod';
import { type Experiment, siteOf } from '../../experiment/experiment.ts';
import { RunError } from '../../experiment/run-error.ts';
import { nameOfSource } from '../../experiment/source-name.ts';
import { perHost } from '../../record/hosts.ts';
import { faultOfSysctlName } from '../../record/sysctl-name.ts';
import { articles } from '../../report/words/articles.ts';
import { role } from '../../verdict/schema.ts';
import { need, problemWith, word } from './check.ts';
import * as kinds from './kinds.ts';

/** Throws RunError, with the line of `experiment({ … })`, when the definition is not one. */
export const checkDefinition = (definition: Experiment): void => {
  const problem =
    problemWith('experiment()', word(need('definition', shape)), [definition as never]) ??
    strangeSysctl(definition) ??
    strangeFinding(definition);
  if (!problem) return;
  const source = siteOf(definition);
  throw new RunError(`${problem}${source ? ` (${nameOfSource(source)})` : ''}`, 'EUSAGE');
};

const article = kinds.oneOf(...articles.map(({ name }) => name));

const oneCase = z.union(
  [
    kinds.action,
    kinds.options<{ role: unknown; predicate: unknown; why?: unknown }>({
      role: kinds.oneOf(...role.options),
      predicate: kinds.action,
      why: kinds.name.optional(),
    }),
  ],
  { error: 'a function of the run, or claim(…), limit(…), contrast(…) or control(…) with one' },
);

/** What is no case at all is told as such. */
const isClaim = (one: unknown): boolean => {
  const { success, data } = caseWithRole.safeParse(one);
  return !success || data.role === 'claim';
};
const caseWithRole = z.object({ role });

const finding = kinds.options<{ statement: unknown; cases: unknown; because?: unknown }>({
  statement: kinds.name,
  cases: z
    .record(z.string(), oneCase, { error: 'an object of cases by their names' })
    .refine((cases) => Object.keys(cases).length > 0, {
      error: 'at least one case: it is what could prove the statement wrong',
    })
    .refine((cases) => Object.values(cases).some(isClaim), {
      error: 'at least one case that is no limit(…), contrast(…) or control(…): claims alone decide a verdict',
    }),
  because: kinds.name.optional(),
});

const settings = z
  .record(z.string(), kinds.setting, { error: 'an object of values by the names of sysctls' })
  .optional();

const shape = kinds.options<Experiment>({
  title: kinds.name,
  article: z
    .union([article, z.array(article)], {
      error: `${articles.map(({ name }) => `'${name}'`).join(', ')} or several of them`,
    })
    .optional(),
  sysctls: kinds.options<NonNullable<Experiment['sysctls']>>(perHost(() => settings)).optional(),
  retransmitAfterSeconds: kinds.seconds.optional(),
  freeRun: kinds.boolean.optional(),
  oneHost: kinds.kind<true>('true, or nothing', (value) => value === true).optional(),
  proxy: kinds.kind<true>('true, or nothing', (value) => value === true).optional(),
  diagnose: kinds.boolean.optional(),
  needs: z.array(kinds.name, { error: 'names of programs' }).optional(),
  ipv6: kinds.boolean.optional(),
  longestWaitSeconds: kinds.seconds.optional(),
  timeoutSeconds: kinds
    .kind('seconds above 0', (value) => typeof value === 'number' && value > 0 && value < 2 ** 21)
    .optional(),
  files: kinds
    .kind(
      'texts by the names of files',
      (value) => kinds.textsByName.safeParse(value).success && Object.keys(value as object).every(isFileName),
    )
    .optional(),
  run: kinds.kind('a function: the script', (value) => typeof value === 'function'),
  findings: z.record(z.string(), finding, { error: 'an object of findings by their ids, which may be empty' }),
  furtherCases: z
    .record(z.string(), z.array(kinds.name).min(1), { error: 'names of experiments by the ids of findings' })
    .optional(),
});

const isFileName = (name: string) => /^[\w-][\w.-]*$/.test(name);

const strangeFinding = ({ findings, furtherCases = {} }: Experiment): string | undefined => {
  const strange = Object.keys(furtherCases).find((id) => !Object.hasOwn(findings, id));
  return strange && `experiment() names further cases of ${strange}, of which it has no finding.`;
};

const strangeSysctl = ({ sysctls = {} }: Experiment): string | undefined => {
  const names = Object.values(sysctls).flatMap((settings) => Object.keys(settings ?? {}));
  return names.map(faultOfSysctlName).find((fault) => fault !== undefined);
};
