// Wires the commands to the command line.
import type { Argv } from 'yargs';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { explainFailure } from './failure.ts';
import { Interruption } from './interruptible.ts';
import { probablyMeant } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** Run a command line. Sets process.exitCode. */
export const main = async (args: string[]): Promise<void> => {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = exitCode.fault; // whoever read it has read enough: finwait list | head
  });
  try {
    if (args.length === 1 && args[0] === 'list') await (await import('./list.ts')).list({ json: false });
    else await parse(args);
  } catch (error) {
    if (error instanceof Interruption) process.exitCode = error.exitCode;
    else fail(error);
  }
};

/** Where there are options. To load what parses them takes longer than to list the experiments. */
const parse = async (args: string[]): Promise<void> => {
  await import('../record/plain-schemas.ts');
  const { default: yargs } = await import('yargs');
  const cli = yargs(args);
  try {
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
        throw error ?? new CommandLineError(message);
      })
      .parseAsync();
  } catch (error) {
    throw error instanceof CommandLineError ? await explained(error, cli, args) : error;
  }
};

/** Each command, loaded when it is asked for: that takes longer than all that yargs does. */
const commands: Record<string, (cli: Argv) => Promise<Argv>> = {
  run: async (cli) => cli.command((await import('./run.ts')).runCommand),
  try: async (cli) => cli.command((await import('./try.ts')).tryCommand),
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
const withCommands = async (cli: Argv, [first = '']: string[]): Promise<void> => {
  const own = Object.hasOwn(commands, first) ? commands[first] : undefined;
  for (const add of own ? [own] : Object.values(commands)) await add(cli);
};

/** What yargs says of the command line. */
class CommandLineError extends Error {}

/** The same in our own words, with what may have been meant. */
const explained = async ({ message }: Error, cli: Argv, args: string[]): Promise<UsageError> => {
  const lists = '`finwait --help` lists the commands and options.';
  const [, list] = /^Unknown (?:argument|command)s?: (.*)/.exec(message) ?? [];
  const help = await cli.getHelp();
  if (list === undefined) return new UsageError(`${inOwnWords(message, help)} ${lists}`);
  const [first = ''] = args;
  if (!first.startsWith('-') && !Object.hasOwn(commands, first)) {
    const meant = probablyMeant(first, Object.keys(commands));
    return new UsageError(
      `There is no command '${first}'.${meant ? ` Did you mean \`finwait ${meant}\`?` : ''} ${lists}`,
    );
  }
  const options = [...help.matchAll(/^ +(?:-\w, )?--([a-z][\w-]*)/gm)].map(([, name]) => String(name));
  const sentences = list.split(', ').map((word) => {
    const isOption = args.some((arg) => arg.replace(/=.*/, '') === `--${word}` || arg === `-${word}`);
    const meant = isOption && probablyMeant(word, options);
    return isOption
      ? `There is no option --${word}.${meant ? ` Did you mean --${meant}?` : ''}`
      : `'${word}' is too much.`;
  });
  return new UsageError(`${[...new Set(sentences)].join(' ')} ${lists}`);
};

const inOwnWords = (message: string, help: string): string => {
  const [usage = ''] = help.split('\n');
  if (message.startsWith('Not enough non-option arguments')) return `Something is missing: \`${usage}\`.`;
  const [, name, given, choices] = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(message) ?? [];
  if (name) return `--${name} is not ${given}: it takes one of ${choices}.`;
  const [, lacking] = /^Not enough arguments following: (\S+)/.exec(message) ?? [];
  if (lacking) return `--${lacking} needs a value.`;
  const [, one, other] = /^Arguments (\S+) and (\S+) are mutually exclusive/.exec(message) ?? [];
  if (one && other) return `--${one} and --${other} exclude each other.`;
  return message.replace(/([^.?!:])$/, '$1.');
};

const fail = (error: unknown) => {
  const { words, code } = explainFailure(error);
  process.stderr.write(`finwait: ${words}\n`);
  process.exitCode = code;
};
