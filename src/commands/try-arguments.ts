// What `finwait try` is given, and the trial it asks for.
import type { Argv } from 'yargs';
import type { Trial } from '../trial/trial.ts';
import { bounds, json, printing, sysctl } from './options.ts';
import { UsageError } from './usage-error.ts';

export type TryArguments = {
  server?: string;
  client?: string;
  proxy?: string;
  one?: string;
  for?: string;
  cutAfter?: string;
  restoreAfter?: string;
  sysctl: string[];
  lockstep: boolean;
  save?: string;
  json: boolean;
  quiet?: boolean;
  full?: boolean;
  results: string;
  timeout?: number;
};

export const tryOptions = (yargs: Argv) =>
  bounds(
    sysctl(printing(json(yargs))),
    'Give the run up after so many seconds (default: 120 more than --for, or an hour)',
  )
    .option('server', {
      type: 'string',
      requiresArg: true,
      describe: "The server, as a line for a shell: 'node server.js'",
    })
    .option('client', {
      type: 'string',
      requiresArg: true,
      describe: 'The client, started when the server listens; localhost, 127.0.0.1 and `server` lead it to it',
    })
    .option('proxy', {
      type: 'string',
      requiresArg: true,
      describe:
        "What stands between them, on a host of its own: 'nginx -c nginx.conf'; the client's localhost is then its host, and its own the server's",
    })
    .option('one', {
      type: 'string',
      requiresArg: true,
      describe: "A program that has both ends, in place of server and client: 'node repro.js', over loopback",
    })
    .option('for', {
      type: 'string',
      requiresArg: true,
      describe: 'End the client, or the one program, after this long: 10s, 500ms, 2m',
    })
    .option('cut-after', {
      type: 'string',
      requiresArg: true,
      describe: 'Cut the cable this long after the client has started',
    })
    .option('restore-after', {
      type: 'string',
      requiresArg: true,
      describe: 'Put the cable back this long after the client has started',
    })
    .option('lockstep', {
      type: 'boolean',
      default: false,
      describe: 'Have ss look at all hosts before and after each segment: every state is seen, and all takes longer',
    })
    .option('save', {
      type: 'string',
      requiresArg: true,
      describe: 'Write the experiment to this file, to be refined, and run nothing',
    });

/** Throws UsageError where the options do not go together. */
export const trialOf = (args: TryArguments): Trial => {
  for (const key of ['server', 'client', 'proxy', 'one', 'for', 'cutAfter', 'restoreAfter', 'save'] as const) {
    const given: unknown = args[key];
    if (Array.isArray(given)) throw new UsageError(`--${optionOf(key)} was given ${given.length} times: give it once.`);
    if (typeof given === 'string' && given.trim() === '') throw new UsageError(`--${optionOf(key)} is empty.`);
  }
  const [forSeconds, cutAfterSeconds, restoreAfterSeconds] = (['for', 'cutAfter', 'restoreAfter'] as const).map((key) =>
    secondsOf(key, args[key]),
  );
  if (restoreAfterSeconds !== undefined && !(restoreAfterSeconds > (cutAfterSeconds ?? Number.POSITIVE_INFINITY)))
    throw new UsageError('--restore-after comes after --cut-after: --cut-after 2s --restore-after 5s.');
  const { server, client, proxy, one, lockstep } = args;
  const common = { cwd: callersFolder(), forSeconds };
  if (one !== undefined) {
    const other = ['server', 'client', 'proxy', 'cutAfter', 'restoreAfter', 'lockstep'].find((key) =>
      Boolean(args[key as keyof TryArguments]),
    );
    if (other) throw new UsageError(`--one has both ends on one host and no wire: leave --${optionOf(other)} out.`);
    return { ...common, one };
  }
  if (server === undefined || client === undefined)
    throw new UsageError(
      `--${server === undefined ? 'server' : 'client'} is missing: try --server 'node server.js' --client 'node client.js', or --one 'node both.js'.`,
    );
  return { ...common, server, client, proxy, cutAfterSeconds, restoreAfterSeconds, lockstep };
};

/** npm starts its scripts in the folder of the project, and says where it was itself started (npm-run-script(1)). */
const callersFolder = (): string => {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return folder && (script === 'try' || script === 'finwait') ? folder : process.cwd();
};

/** As it is typed: `cut-after`. */
const optionOf = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, '': 1 };

const secondsOf = (key: string, given: string | undefined): number | undefined => {
  if (given === undefined) return undefined;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(given) ?? [];
  if (number === undefined || Number(number) === 0)
    throw new UsageError(`--${optionOf(key)} '${given}' is no time: write 500ms, 2s or 1m.`);
  return Number(number) * (units[unit] ?? 1);
};
