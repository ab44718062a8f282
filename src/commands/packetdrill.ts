// finwait packetdrill: play scripts in packetdrill's notation against this kernel, and report each like an experiment.

import { basename, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { namespaces } from '../lab/namespaces.ts';
import { PktError } from '../packetdrill/notation/pkt-error.ts';
import type { PktScript } from '../packetdrill/notation/script.ts';
import { playFile, readScript } from '../packetdrill/play-file.ts';
import { scriptExperiment, shortestSeconds } from '../packetdrill/script-experiment.ts';
import { errorCodeOf } from '../record/thrown.ts';
import { toJsonDocument } from '../report/export/json.ts';
import { renderTable } from '../report/terminal/table.ts';
import { screenOf } from '../report/words/screen.ts';
import { runExperiment } from '../run/run-experiment.ts';
import type { Result } from '../verdict/schema.ts';
import { exitCode } from './exit-code.ts';
import { type Failed, tellFailures } from './failure.ts';
import { Interruption, interruptible } from './interruptible.ts';
import { bounds, detailOf, json, printing } from './options.ts';
import { UsageError } from './usage-error.ts';

type PacketdrillArguments = {
  files: string[];
  json: boolean;
  quiet?: boolean;
  full?: boolean;
  lockstep: boolean;
  results: string;
  timeout?: number;
};

export const packetdrillCommand: CommandModule<object, PacketdrillArguments> = {
  command: 'packetdrill <files..>',
  describe: "Play scripts in packetdrill's notation (.pkt) against this kernel",
  builder: (yargs) => options(yargs) as Argv<PacketdrillArguments>,
  handler: async (args) => {
    process.exitCode = await play(args);
  },
};

const options = (yargs: Argv) =>
  bounds(
    printing(json(yargs)),
    'Give a script up after so many seconds (default: 60 more than its own times add up to)',
  )
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Scripts to play, each in a lab of its own',
    })
    .option('lockstep', {
      type: 'boolean',
      default: false,
      describe:
        'Wait after each line until ss has looked at all hosts (about 10 ms): every state is seen, and lines at +0 come later',
    });

/** Resolves to the exit code. */
const play = async (args: PacketdrillArguments): Promise<number> => {
  const begun = performance.now();
  const read = args.files.map(readOrRefuse);
  const scripts = read.flatMap((one) => ('script' in one ? [one] : []));
  for (const one of read) if ('refusal' in one) process.stderr.write(`finwait: ${one.refusal}\n`);
  const screen = screenOf(process.stdout, process.env);
  const detail = detailOf(args);
  const interrupt = interruptible();
  const results: Result[] = [];
  const failed: Failed[] = [];
  try {
    for (const { path, script } of scripts) {
      if (interrupt.signal.aborted) break;
      if (process.stderr.isTTY) process.stderr.write(`playing ${script.file} …\r`);
      const played = await runExperiment(
        { name: `packetdrill-${basename(path, '.pkt')}`, topic: 'packetdrill', file: path },
        scriptExperiment(script, { lockstep: args.lockstep, timeoutSeconds: Math.ceil(shortestSeconds(script)) + 60 }),
        {
          place: namespaces,
          results: resolve(args.results),
          pace: 'quick',
          sysctls: [],
          timeoutSeconds: args.timeout,
          signal: interrupt.signal,
          telling: args.json ? undefined : { screen, detail },
          packetdrill: playFile,
        },
      ).catch((error: Error) => {
        if (!(error instanceof Interruption)) failed.push({ experiment: script.file, error });
      });
      if (!played) continue;
      const { result, report, fault } = played;
      results.push(result);
      if (report) process.stdout.write(report);
      if (fault) failed.push({ experiment: script.file, error: new Error(fault) });
    }
  } finally {
    interrupt.stop();
  }
  const failure = tellFailures(failed, scripts.length === 1);
  if (args.json) process.stdout.write(`${JSON.stringify(toJsonDocument(results, failed), null, 2)}\n`);
  else if (results.length > 1) process.stdout.write(renderTable(results, screen, performance.now() - begun));
  return interrupt.exitCode() ?? failure ?? codeOf(results, scripts.length < read.length);
};

/** A file that is not there is a mistake on the command line; one that cannot be played does not keep the others from it. */
const readOrRefuse = (file: string): { path: string; script: PktScript } | { refusal: string } => {
  const path = resolve(file);
  try {
    return { path, script: readScript(path) };
  } catch (error) {
    if (error instanceof PktError) return { refusal: error.message };
    if (errorCodeOf(error) === 'ENOENT') throw new UsageError(`There is no file ${path}.`);
    throw error;
  }
};

const codeOf = (results: Result[], isRefused: boolean): number => {
  const verdicts = results.flatMap(({ findings }) => findings.map(({ verdict }) => verdict));
  if (results.some(({ error }) => error)) return exitCode.fault;
  if (isRefused) return exitCode.usage;
  if (verdicts.includes('inconclusive')) return exitCode.inconclusive;
  return verdicts.every((verdict) => verdict === 'reproduced') ? exitCode.decided : exitCode.mismatch;
};
