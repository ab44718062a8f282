// Wires the commands to the command line.
import yargs, { type Argv } from 'yargs';
import { LabError } from '../lab/lab-error.ts';
import { RunError } from '../run/run-error.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { UsageError } from './usage-error.ts';

/** Run a command line. Sets process.exitCode. */
export const main = async (args: string[]): Promise<void> => {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = exitCode.fault; // whoever read it has read enough: finwait list | head
  });
  try {
    const cli = yargs(args);
    await withCommands(cli, args);
    await cli
      .scriptName('finwait')
      .usage(
        '$0 <command>\n\nA lab for TCP: two real kernel stacks, a wire under your control, and a verdict for every sentence an article makes.',
      )
      .demandCommand(1, 'Name a command: `finwait run listen-before-accept`, for instance.')
      .strict()
      .help()
      .alias('help', 'h')
      .version()
      .epilogue(exitCodeHelp)
      .exitProcess(false)
      .wrap(Math.min(process.stdout.columns || 120, 120))
      .fail((message, error) => {
        throw error ?? new UsageError(`${message} \`finwait --help\` lists the commands and options.`);
      })
      .parseAsync();
  } catch (error) {
    fail(error as Error);
  }
};

/** Each command, loaded when it is asked for: that takes longer than all that yargs does. */
const commands: Record<string, (cli: Argv) => Promise<Argv>> = {
  run: async (cli) => cli.command((await import('./run.ts')).runCommand),
  step: async (cli) => cli.command((await import('./step.ts')).stepCommand),
  list: async (cli) => cli.command((await import('./list.ts')).listCommand),
  analyze: async (cli) => cli.command((await import('./analyze.ts')).analyzeCommand),
  report: async (cli) => cli.command((await import('./report.ts')).reportCommand),
  export: async (cli) => cli.command((await import('./export.ts')).exportCommand),
  coverage: async (cli) => cli.command((await import('./coverage.ts')).coverageCommand),
  packetdrill: async (cli) => cli.command((await import('./packetdrill.ts')).packetdrillCommand),
  doctor: async (cli) => cli.command((await import('./doctor.ts')).doctorCommand),
};

/** With the command named first; with all of them where none is, for the help that lists them. */
const withCommands = async (cli: Argv, [first = '', ...rest]: string[]): Promise<void> => {
  if (first === '--version' && rest.length === 0) return;
  const own = Object.hasOwn(commands, first) ? commands[first] : undefined;
  for (const add of own ? [own] : Object.values(commands)) await add(cli);
};

const fail = (error: Error & { code?: string }) => {
  if (error instanceof UsageError || (error instanceof RunError && error.code === 'EUSAGE')) {
    process.stderr.write(`finwait: ${error.message}\n`);
    process.exitCode = exitCode.usage;
  } else if (error instanceof LabError) {
    process.stderr.write(`finwait: this machine cannot run it. ${error.message}\n`);
    process.exitCode = exitCode.machine;
  } else if (error instanceof RunError) {
    process.stderr.write(`finwait: ${error.message}\n`);
    process.exitCode = exitCode.fault;
  } else if (error.code && error.code in remedies) {
    process.stderr.write(`finwait: ${error.message}. ${remedies[error.code]}\n`);
    process.exitCode = exitCode.machine;
  } else {
    process.stderr.write(`finwait: a fault of finwait itself. ${error.stack ?? error.message}\n`);
    process.exitCode = exitCode.fault;
  }
};

const remedies: Record<string, string> = {
  ENOSPC:
    'The disk is full: make room, or write results elsewhere with --results DIR. What was recorded before is kept.',
  EDQUOT:
    'The disk quota is used up: make room, or write results elsewhere with --results DIR. What was recorded before is kept.',
  EACCES: 'This user may not write there: write results elsewhere with --results DIR.',
  EROFS: 'The file system is read-only: write results elsewhere with --results DIR.',
};
