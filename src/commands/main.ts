// Wires the commands to the command line.
import yargs from 'yargs';
import { LabError } from '../lab/lab-error.ts';
import { RunError } from '../run/run-error.ts';
import { analyzeCommand } from './analyze.ts';
import { coverageCommand } from './coverage.ts';
import { doctorCommand } from './doctor.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { exportCommand } from './export.ts';
import { listCommand } from './list.ts';
import { packetdrillCommand } from './packetdrill.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { stepCommand } from './step.ts';
import { UsageError } from './usage-error.ts';

/** Run a command line. Sets process.exitCode. */
export const main = async (args: string[]): Promise<void> => {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = exitCode.fault; // whoever read it has read enough: finwait list | head
  });
  try {
    await yargs(args)
      .scriptName('finwait')
      .usage(
        '$0 <command>\n\nA lab for TCP: two real kernel stacks, a wire under your control, and a verdict for every sentence an article makes.',
      )
      .command(runCommand)
      .command(stepCommand)
      .command(listCommand)
      .command(analyzeCommand)
      .command(reportCommand)
      .command(exportCommand)
      .command(coverageCommand)
      .command(packetdrillCommand)
      .command(doctorCommand)
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

const fail = (error: Error & { code?: string }) => {
  if (error instanceof UsageError) {
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
