// finwait try: a server and a client as they are, each on a host of its own, and what happened between them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { namespaces } from '../lab/namespaces.ts';
import { makeScratch } from '../lab/scratch.ts';
import { errorCodeOf } from '../record/thrown.ts';
import { toJsonDocument } from '../report/export/json.ts';
import { screenOf } from '../report/words/screen.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { loadExperiment } from '../script/catalogue.ts';
import { checkSysctls } from '../script/checks/sysctls.ts';
import { type Trial, trialSource } from '../trial/trial.ts';
import { codeOf, exitCode } from './exit-code.ts';
import { Interruption, interruptible } from './interruptible.ts';
import { bounds, detailOf, json, printing, sysctl } from './options.ts';
import { parseSysctl } from './parse-sysctl.ts';
import { playPacketdrill } from './play-packetdrill.ts';
import { UsageError } from './usage-error.ts';

type TryArguments = {
  server: string;
  client: string;
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

export const tryCommand: CommandModule<object, TryArguments> = {
  command: 'try',
  describe: 'Run a server and a client of yours as they are, and print what happened between them',
  builder: (yargs) => options(yargs) as Argv<TryArguments>,
  handler: async (args) => {
    process.exitCode = await attempt(args);
  },
};

const options = (yargs: Argv) =>
  bounds(
    sysctl(printing(json(yargs))),
    'Give the run up after so many seconds (default: 120 more than --for, or an hour)',
  )
    .option('server', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: "The server, as a line for a shell: 'node server.js'",
    })
    .option('client', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'The client, started when the server listens; localhost, 127.0.0.1 and `server` lead it to it',
    })
    .option('for', { type: 'string', requiresArg: true, describe: 'End the client after this long: 10s, 500ms, 2m' })
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
      describe: 'Have ss look at both hosts before and after each segment: every state is seen, and all takes longer',
    })
    .option('save', {
      type: 'string',
      requiresArg: true,
      describe: 'Write the experiment to this file, to be refined, and run nothing',
    });

/** Resolves to the exit code. */
const attempt = async (args: TryArguments): Promise<number> => {
  const source = trialSource(trialOf(args));
  if (args.save !== undefined) return save(args.save, source);
  const sysctls = args.sysctl.map(parseSysctl);
  await checkSysctls(sysctls, namespaces);
  const screen = screenOf(process.stdout, process.env);
  const interrupt = interruptible();
  const scratch = makeScratch();
  const output = outputTeller();
  const file = join(scratch.folder, 'try.ts');
  writeFileSync(file, source);
  try {
    const { result, report, fault } = await runExperiment(
      { name: 'try', topic: 'try', file },
      await loadExperiment({ file }),
      {
        place: namespaces,
        results: resolve(args.results),
        pace: 'quick',
        sysctls,
        timeoutSeconds: args.timeout,
        signal: interrupt.signal,
        progress: args.json ? {} : { output: output.take },
        telling: args.json ? undefined : { screen, detail: detailOf(args) },
        packetdrill: playPacketdrill,
      },
    );
    output.finish();
    process.stdout.write(args.json ? `${JSON.stringify(toJsonDocument([result], []), null, 2)}\n` : (report ?? ''));
    if (fault) process.stderr.write(`${fault}\n`);
    return interrupt.exitCode() ?? (fault ? exitCode.fault : codeOf([result]));
  } catch (error) {
    if (error instanceof Interruption) return error.exitCode;
    throw error;
  } finally {
    interrupt.stop();
    scratch.remove();
  }
};

/** What programs print, as they print it, on stderr: whole lines, each with the name of its program in front. */
const outputTeller = () => {
  const begun = new Map<string, string>();
  const tell = (name: string, line: string) => void process.stderr.write(`${name}: ${line}\n`);
  return {
    take: (name: string, text: string): void => {
      const lines = `${begun.get(name) ?? ''}${text}`.split('\n');
      begun.set(name, lines.pop() ?? '');
      for (const line of lines) tell(name, line);
    },
    /** What was never ended with a line. */
    finish: (): void => {
      for (const [name, line] of begun) if (line !== '') tell(name, line);
    },
  };
};

const trialOf = (args: TryArguments): Trial => {
  for (const key of ['server', 'client', 'for', 'cutAfter', 'restoreAfter', 'save'] as const) {
    const given: unknown = args[key];
    if (Array.isArray(given)) throw new UsageError(`--${optionOf(key)} was given ${given.length} times: give it once.`);
    if (typeof given === 'string' && given.trim() === '') throw new UsageError(`--${optionOf(key)} is empty.`);
  }
  const [forSeconds, cutAfterSeconds, restoreAfterSeconds] = (['for', 'cutAfter', 'restoreAfter'] as const).map((key) =>
    secondsOf(key, args[key]),
  );
  if (restoreAfterSeconds !== undefined && !(restoreAfterSeconds > (cutAfterSeconds ?? Number.POSITIVE_INFINITY)))
    throw new UsageError('--restore-after comes after --cut-after: --cut-after 2s --restore-after 5s.');
  const { server, client, lockstep } = args;
  return { server, client, cwd: callersFolder(), forSeconds, cutAfterSeconds, restoreAfterSeconds, lockstep };
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

const save = (path: string, source: string): number => {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source, { flag: 'wx' });
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') throw new UsageError(`--save ${path}: there is such a file already.`);
    throw new UsageError(`--save ${path}: it cannot be written (${errorCodeOf(error)}).`);
  }
  process.stdout.write(`${path}\n`);
  return exitCode.decided;
};
