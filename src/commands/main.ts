// Wires the commands to the command line.
import yargs, { type Argv } from 'yargs';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { explainFailure } from './failure.ts';
import { Interruption } from './interruptible.ts';
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
    if (error instanceof Interruption) process.exitCode = error.exitCode;
    else fail(error as Error);
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

const fail = (error: Error) => {
  const { words, code } = explainFailure(error);
  process.stderr.write(`finwait: ${words}\n`);
  process.exitCode = code;
};
