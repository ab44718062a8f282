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
import { titleOf, trialSource } from '../trial/trial.ts';
import { codeOf, exitCode } from './exit-code.ts';
import { Interruption, interruptible } from './interruptible.ts';
import { detailOf } from './options.ts';
import { parseSysctl } from './parse-sysctl.ts';
import { playPacketdrill } from './play-packetdrill.ts';
import { showProgress } from './show-progress.ts';
import { type TryArguments, trialOf, tryOptions } from './try-arguments.ts';
import { UsageError } from './usage-error.ts';

export const tryCommand: CommandModule<object, TryArguments> = {
  command: 'try',
  describe: 'Run a server and a client of yours as they are, and print what happened between them',
  builder: (yargs) => tryOptions(yargs) as Argv<TryArguments>,
  handler: async (args) => {
    process.exitCode = await attempt(args);
  },
};

/** Resolves to the exit code. */
const attempt = async (args: TryArguments): Promise<number> => {
  const trial = trialOf(args);
  const sysctls = args.sysctl.map(parseSysctl);
  await checkSysctls(sysctls, namespaces);
  if (args.save !== undefined) return save(args.save, trialSource({ ...trial, sysctls }));
  const source = trialSource(trial);
  const screen = screenOf(process.stdout, process.env);
  const interrupt = interruptible();
  const scratch = makeScratch();
  const board = showProgress();
  const progress = board.add(titleOf(trial));
  const output = outputTeller(board.tell);
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
        isMadeUp: true,
        sysctls,
        timeoutSeconds: args.timeout,
        signal: interrupt.signal,
        progress: args.json ? progress : { ...progress, output: output.take },
        telling: args.json ? undefined : { screen, detail: detailOf(args) },
        packetdrill: playPacketdrill,
      },
    ).finally(progress.done);
    output.finish();
    process.stdout.write(args.json ? `${JSON.stringify(toJsonDocument([result], []), null, 2)}\n` : (report ?? ''));
    if (fault) process.stderr.write(`${fault}\n`);
    return interrupt.exitCode() ?? (fault ? exitCode.fault : codeOf([result]));
  } catch (error) {
    if (error instanceof Interruption) return error.exitCode;
    throw error;
  } finally {
    board.close();
    interrupt.stop();
    scratch.remove();
  }
};

/** What programs print, as they print it, on stderr: whole lines, each with the name of its program in front. */
const outputTeller = (write: (text: string) => void) => {
  const begun = new Map<string, string>();
  const tell = (name: string, line: string) => write(`${name}: ${line}\n`);
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
