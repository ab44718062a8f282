// Options that several commands share, each written once.
import type { Argv } from 'yargs';
import { UsageError } from './usage-error.ts';

/** setTimeout() takes no more milliseconds than 2^31 - 1 (documentation of timers). */
const longestTimeoutSeconds = 2_147_483;

/** What is printed of a run. */
export const printing = <T>(yargs: Argv<T>) =>
  yargs
    .option('quiet', { type: 'boolean', describe: 'Findings and result only' })
    .option('full', { type: 'boolean', describe: 'Every event and every sample of ss' })
    .conflicts('quiet', 'full');

/** How much of it, by the two options. */
export const detailOf = ({ full, quiet }: { full?: boolean; quiet?: boolean }): 'full' | 'normal' | 'quiet' =>
  full ? 'full' : quiet ? 'quiet' : 'normal';

export const json = <T>(yargs: Argv<T>) =>
  yargs.option('json', { type: 'boolean', default: false, describe: 'One JSON document on stdout and nothing else' });

/** Where runs go, and how long each may take; `describe` says what happens then. */
export const bounds = <T>(yargs: Argv<T>, describe: string) =>
  yargs
    .option('results', {
      type: 'string',
      requiresArg: true,
      default: 'results',
      describe: 'The folder for run folders',
    })
    .option('timeout', { type: 'number', requiresArg: true, describe })
    .check(({ results, timeout }) => {
      if (timeout !== undefined && !(Number(timeout) > 0 && Number(timeout) <= longestTimeoutSeconds))
        throw new UsageError(`--timeout takes a number of seconds above 0, ${longestTimeoutSeconds} at most.`);
      if (results === '') throw new UsageError('--results takes the path of a folder.');
      return true;
    });

/** How a host is set up. */
export const sysctl = <T>(yargs: Argv<T>) =>
  yargs.option('sysctl', {
    type: 'string',
    array: true,
    default: [],
    describe: 'Set a sysctl of a host: client:net.ipv4.tcp_fin_timeout=5',
  });

/** How an experiment is run. */
export const running = <T>(yargs: Argv<T>) =>
  sysctl(yargs).option('pace', {
    choices: ['quick', 'article'] as const,
    default: 'quick' as const,
    describe: 'quick shortens waits that only stretch an experiment; article keeps the original values',
  });
