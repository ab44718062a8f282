// finwait run: run experiments, print their reports, exit by their verdicts.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { Experiment } from '../experiment/experiment.ts';
import { compose } from '../lab/compose.ts';
import { docker } from '../lab/docker.ts';
import type { Place } from '../lab/lab.ts';
import { namespaces } from '../lab/namespaces.ts';
import { itemAt } from '../record/item-at.ts';
import { toJsonDocument } from '../report/export/json.ts';
import { renderRepeat, renderTable } from '../report/terminal/table.ts';
import { contradicted, renderAgreement } from '../report/words/agreement.ts';
import { screenOf } from '../report/words/screen.ts';
import { runPool } from '../run/pool.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { type CatalogueEntry, listExperiments, loadExperiment } from '../script/catalogue.ts';
import { checkSysctls, sysctlsOf } from '../script/checks/sysctls.ts';
import type { Result } from '../verdict/schema.ts';
import { codeOf, exitCode, exitCodeHelp } from './exit-code.ts';
import { type Failed, tellFailures } from './failure.ts';
import { findExperiments } from './find-experiment.ts';
import { Interruption, interruptible } from './interruptible.ts';
import { bounds, detailOf, json, printing, running } from './options.ts';
import { parseSysctl } from './parse-sysctl.ts';
import { playPacketdrill } from './play-packetdrill.ts';
import { showProgress } from './show-progress.ts';
import { watchUnawaited } from './unawaited.ts';
import { UsageError } from './usage-error.ts';

type RunArguments = {
  names: string[];
  json: boolean;
  quiet?: boolean;
  full?: boolean;
  sysctl: string[];
  place: keyof typeof places;
  repeat: number;
  jobs?: number;
  results: string;
  timeout?: number;
  pace: 'quick' | 'article';
};

export const runCommand: CommandModule<object, RunArguments> = {
  command: 'run <names..>',
  describe: 'Run experiments (or `all`), print what happened and the verdicts',
  builder: (yargs) => options(yargs) as Argv<RunArguments>,
  handler: async (args) => {
    process.exitCode = await run(args);
  },
};

const places: Record<'namespaces' | 'docker' | 'compose', Place> = { namespaces, docker, compose };

const options = (yargs: Argv) =>
  bounds(running(printing(json(yargs))), 'Give a run up after so many seconds (default: what the experiment allows)')
    .positional('names', { type: 'string', array: true, demandOption: true, describe: 'Experiments by name, or `all`' })
    .option('place', {
      choices: ['namespaces', 'docker', 'compose'] as const,
      default: 'namespaces' as const,
      describe: 'Where the hosts live. compose: in the containers `docker compose up` has started',
    })
    .option('repeat', { type: 'number', default: 1, describe: 'Run it so often and print the share of each verdict' })
    .option('jobs', {
      type: 'number',
      describe:
        'So many experiments work at the same time (default: one a core, on Docker one for two; with --repeat one, for it is a measurement)',
    })
    .epilogue(exitCodeHelp)
    .check(({ repeat, jobs }) => {
      if (!Number.isInteger(repeat) || repeat < 1) throw new UsageError('--repeat takes a whole number from 1.');
      if (jobs !== undefined && (!Number.isInteger(jobs) || jobs < 1))
        throw new UsageError('--jobs takes a whole number from 1.');
      return true;
    });

/** Resolves to the exit code. */
const run = async (args: RunArguments): Promise<number> => {
  const entries = findExperiments(args.names, listExperiments());
  const sysctls = args.sysctl.map(parseSysctl);
  const repeated = entries.flatMap((entry) => Array.from({ length: args.repeat }, () => entry));
  const begun = performance.now();
  const interrupt = interruptible();
  const unawaited = watchUnawaited(interrupt.signal);
  const board = showProgress();
  const screen = screenOf(process.stdout, process.env);
  const isMany = entries.length > 1;
  const { labsAtOnce, coresEach = 1 } = places[args.place];
  const able = Math.max(1, Math.floor(availableParallelism() / coresEach));
  const wanted = args.jobs ?? (args.repeat > 1 ? 1 : able);
  const busy = Math.min(wanted, labsAtOnce ?? wanted);

  const one = async (entry: CatalogueEntry, definition: Experiment, idle: (isIdle: boolean) => void) => {
    if (interrupt.signal.aborted) return undefined;
    const progress = board.add(entry.name);
    const detail = detailOf(args);
    const showsReport = !args.json && (!args.names.includes('all') || args.full) && args.repeat === 1;
    const { result, report, fault } = await runExperiment(entry, definition, {
      place: places[args.place],
      results: resolve(args.results),
      pace: args.pace,
      sysctls,
      timeoutSeconds: args.timeout,
      signal: interrupt.signal,
      packetdrill: playPacketdrill,
      progress: places[args.place].labsAtOnce === 1 ? progress : { ...progress, idle },
      telling: showsReport ? { screen, detail } : undefined,
      hasNeighbours: busy > 1 && repeated.length > 1,
    }).finally(progress.done);
    if (report) board.print(report);
    if (fault) faults.push(`${result.folder}: ${fault}`);
    return result;
  };

  const faults: string[] = [];
  let results: Result[];
  let failed: Failed[];
  try {
    await checkSysctls(sysctls, places[args.place]);
    const loaded = await Promise.allSettled(entries.map((entry) => load(entry, places[args.place])));
    const jobs = repeated.map((entry) => {
      const definition = itemAt(loaded, entries.indexOf(entry));
      return {
        waits: definition.status === 'fulfilled' ? (definition.value.longestWaitSeconds ?? 0) : 0,
        start: async (idle: (isIdle: boolean) => void) => {
          if (definition.status === 'rejected') throw definition.reason;
          return one(entry, definition.value, idle);
        },
      };
    });
    const outcomes = await runPool(jobs, busy);
    results = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' && outcome.value ? [outcome.value] : []));
    failed = outcomes.flatMap((outcome, nth) =>
      outcome.status === 'rejected' && !(outcome.reason instanceof Interruption)
        ? [{ experiment: repeated[nth]?.name ?? '', error: outcome.reason }]
        : [],
    );
  } finally {
    interrupt.stop();
    unawaited.stop();
    board.close();
  }
  const failure = tellFailures(failed, repeated.length === 1);
  if (args.json) {
    if (repeated.length > 1 || results.length > 0)
      process.stdout.write(`${JSON.stringify(toJsonDocument(results, failed), null, 2)}\n`);
  } else if (args.repeat > 1) {
    const runsOf = Map.groupBy(results, ({ experiment }) => experiment);
    process.stdout.write([...runsOf.values()].map((runs) => renderRepeat(runs, screen)).join('\n'));
    if (isMany) process.stdout.write(renderAgreement(results));
  } else if (isMany) process.stdout.write(renderTable(results, screen, performance.now() - begun));
  const contradiction = args.repeat > 1 && contradicted(results).length > 0 ? exitCode.mismatch : undefined;
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  const isFault = unawaited.failed() || faults.length > 0;
  return interrupt.exitCode() ?? (isFault ? exitCode.fault : (failure ?? contradiction ?? codeOf(results)));
};

/** The definition, if a lab can be built for it. */
const load = async (entry: CatalogueEntry, place: Place): Promise<Experiment> => {
  const definition = await loadExperiment(entry);
  await checkSysctls(sysctlsOf(definition), place);
  return definition;
};
