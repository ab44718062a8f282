// finwait step: run an experiment with each segment held until a key is pressed.
import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { namespaces } from '../lab/namespaces.ts';
import { screenOf } from '../report/words/screen.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { listExperiments, loadExperiment } from '../script/catalogue.ts';
import { checkSysctls, sysctlsOf } from '../script/checks/sysctls.ts';
import { drawStep } from '../step/screen/screen.ts';
import { createStepping } from '../step/stepper.ts';
import { openTerminal } from '../step/terminal.ts';
import { codeOf, exitCode } from './exit-code.ts';
import { findExperiments } from './find-experiment.ts';
import { interruptible } from './interruptible.ts';
import { bounds, detailOf, printing, running } from './options.ts';
import { parseSysctl } from './parse-sysctl.ts';
import { playPacketdrill } from './play-packetdrill.ts';
import { watchUnawaited } from './unawaited.ts';
import { UsageError } from './usage-error.ts';

type StepArguments = {
  name: string;
  quiet?: boolean;
  full?: boolean;
  sysctl: string[];
  results: string;
  timeout?: number;
  pace: 'quick' | 'article';
};

export const stepCommand: CommandModule<object, StepArguments> = {
  command: 'step <name>',
  describe: 'Run an experiment and hold each segment until a key is pressed',
  builder: (yargs) => options(yargs) as Argv<StepArguments>,
  handler: async (args) => {
    process.exitCode = await step(args);
  },
};

const options = (yargs: Argv) =>
  bounds(
    running(printing(yargs)),
    'Give the run up after so many seconds, those not counted in which it waits for a key',
  ).positional('name', { type: 'string', demandOption: true, describe: 'The experiment, by name or by its file' });

/** Resolves to the exit code. The screen is drawn on stderr, where progress goes; the report is for stdout. */
const step = async (args: StepArguments): Promise<number> => {
  const [entry, another] = findExperiments([args.name], listExperiments());
  if (!entry || another) throw new UsageError('One experiment is stepped at a time: `finwait list` shows their names.');
  const { stdin, stderr, stdout, env } = process;
  if (!stdin.isTTY || !stderr.isTTY || env.TERM === 'dumb') {
    throw new UsageError(
      `Stepping needs a terminal that sends keys and can be drawn on. Start it in one, or use \`finwait run ${args.name}\`, which needs none.`,
    );
  }
  const sysctls = args.sysctl.map(parseSysctl);
  const definition = await loadExperiment(entry);
  await checkSysctls([...sysctlsOf(definition), ...sysctls], namespaces);
  const interrupt = interruptible();
  const unawaited = watchUnawaited(interrupt.signal);

  const stepping = createStepping({
    experiment: entry.name,
    interrupt: () => {
      terminal.close();
      process.kill(process.pid, 'SIGINT');
    },
  });
  const draw = () => {
    const { width, height } = terminal.size();
    terminal.draw(drawStep(stepping.view(), { ...screenOf(stderr, env), width }, height));
  };
  const terminal = openTerminal(stdin, stderr, (key) => {
    stepping.press(key);
    draw();
  });
  const ticker = setInterval(() => {
    stepping.tick();
    draw();
  }, 100);
  const leave = () => {
    clearInterval(ticker);
    terminal.close();
  };

  try {
    draw();
    const detail = detailOf(args);
    const { result, report, fault } = await runExperiment(entry, definition, {
      place: namespaces,
      results: resolve(args.results),
      pace: args.pace,
      sysctls,
      timeoutSeconds: args.timeout,
      signal: interrupt.signal,
      packetdrill: playPacketdrill,
      progress: {
        ...stepping.progress,
        phase: (name) => {
          stepping.progress.phase(name);
          if (stepping.isOver()) leave();
        },
      },
      stepper: stepping.stepper,
      telling: { screen: screenOf(stdout, env), detail },
    });
    leave();
    stdout.write(report ?? '');
    if (fault) stderr.write(`${fault}\n`);
    return interrupt.exitCode() ?? (unawaited.failed() || fault ? exitCode.fault : codeOf([result]));
  } finally {
    leave();
    interrupt.stop();
    unawaited.stop();
  }
};
