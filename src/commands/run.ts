// finwait run: run experiments, print their reports, exit by their verdicts.
import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { namespaces } from '../lab/namespaces.ts';
import { toJsonDocument } from '../report/json.ts';
import { createProgress } from '../report/progress.ts';
import { screenOf } from '../report/screen.ts';
import { renderReport } from '../report/terminal.ts';
import { listExperiments, loadExperiment, type CatalogueEntry } from '../run/catalogue.ts';
import { runExperiment } from '../run/run-experiment.ts';
import type { Plan } from '../run/schema.ts';
import type { Result } from '../verdict/schema.ts';
import { exitCode } from './exit-code.ts';
import { findExperiments } from './find-experiment.ts';
import { interruptible } from './interruptible.ts';
import { UsageError } from './usage-error.ts';

type RunArguments = {
  names: string[];
  json: boolean;
  quiet?: boolean;
  full?: boolean;
  sysctl: string[];
  repeat: number;
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

const options = (yargs: Argv) =>
  yargs
    .positional('names', { type: 'string', array: true, demandOption: true, describe: 'Experiments by name, or `all`' })
    .option('json', { type: 'boolean', default: false, describe: 'One JSON document on stdout and nothing else' })
    .option('quiet', { type: 'boolean', describe: 'Findings and result only' })
    .option('full', { type: 'boolean', describe: 'Every event and every sample of ss' })
    .option('sysctl', { type: 'string', array: true, default: [], describe: 'Set a sysctl of a host: client:net.ipv4.tcp_fin_timeout=5' })
    .option('repeat', { type: 'number', default: 1, describe: 'Run it so often and print the share of each verdict' })
    .option('results', { type: 'string', default: 'results', describe: 'The folder for run folders' })
    .option('timeout', { type: 'number', describe: 'Give a run up after so many seconds (default: what the experiment allows)' })
    .option('pace', { choices: ['quick', 'article'] as const, default: 'quick' as const, describe: 'quick shortens waits that only stretch an experiment; article keeps the original values' })
    .conflicts('quiet', 'full')
    .check(({ repeat, timeout }) => {
      if (!Number.isInteger(repeat) || repeat < 1) throw new UsageError('--repeat takes a whole number from 1.');
      if (timeout !== undefined && !(timeout > 0)) throw new UsageError('--timeout takes a number of seconds above 0.');
      return true;
    });

/** Resolves to the exit code. */
const run = async (args: RunArguments): Promise<number> => {
  const entries = findExperiments(args.names, listExperiments());
  const sysctls = args.sysctl.map(parseSysctl);
  const interrupt = interruptible();
  const results: Result[] = [];
  const one = async (entry: CatalogueEntry) => {
    const definition = await loadExperiment(entry);
    const progress = showProgress(entry.name);
    const { result, timeline } = await runExperiment(entry, definition, {
      place: namespaces,
      results: resolve(args.results),
      pace: args.pace,
      sysctls,
      timeoutSeconds: args.timeout,
      signal: interrupt.signal,
      progress,
    }).finally(progress.done);
    results.push(result);
    if (!args.json) {
      const detail = args.full ? 'full' : args.quiet || args.repeat > 1 ? 'quiet' : 'normal';
      process.stdout.write(renderReport({ timeline, result, screen: screenOf(process.stdout, process.env), detail }));
    }
  };
  try {
    for (const entry of entries) {
      for (let time = 0; time < args.repeat && !interrupt.signal.aborted; time++) await one(entry);
    }
  } finally {
    interrupt.stop();
  }
  if (args.json) process.stdout.write(`${JSON.stringify(toJsonDocument(results), null, 2)}\n`);
  return interrupt.exitCode() ?? codeOf(results);
};

/** Progress on stderr, ticking on a terminal. */
const showProgress = (title: string) => {
  const screen = screenOf(process.stderr, process.env);
  const reporter = createProgress({ title, screen, write: (text) => void process.stderr.write(text), now: () => performance.now() });
  const ticker = setInterval(reporter.tick, 100);
  return {
    ...reporter,
    done: () => {
      clearInterval(ticker);
      reporter.done();
    },
  };
};

const codeOf = (results: Result[]): number => {
  if (results.some(({ error }) => error)) return exitCode.fault;
  const inconclusive = results.some(({ findings }) => findings.some(({ verdict }) => verdict === 'inconclusive'));
  return inconclusive ? exitCode.inconclusive : exitCode.decided;
};

/** `client:net.ipv4.tcp_fin_timeout=5` */
const parseSysctl = (text: string): Plan['sysctls'][number] => {
  const [, host, name, value] = /^(client|server):([\w.]+)=(.+)$/.exec(text) ?? [];
  if (!host || !name || !value) {
    throw new UsageError(`--sysctl '${text}' is not understood: write host:name=value, such as client:net.ipv4.tcp_fin_timeout=5.`);
  }
  return { host: host as 'client' | 'server', name, value };
};
