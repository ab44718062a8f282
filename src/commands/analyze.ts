// finwait analyze: conclude again from the files of a run, and say whether it is what the run concluded.
import { isDeepStrictEqual } from 'node:util';
import type { CommandModule } from 'yargs';
import { changedConclusions, notConcluded } from '../judge/conclusions.ts';
import { judgeFolder } from '../judge/judge-folder.ts';
import { PlanError, readPlan } from '../recording/read-plan.ts';
import { strayFiles } from '../recording/seal.ts';
import { toJsonDocument } from '../report/export/json.ts';
import { renderReport } from '../report/terminal/terminal.ts';
import { contradictions } from '../report/words/contradictions.ts';
import { screenOf } from '../report/words/screen.ts';
import { result as resultSchema } from '../verdict/schema.ts';
import { codeOf, exitCode } from './exit-code.ts';
import { detailOf } from './options.ts';
import { runFolder } from './run-folder.ts';
import { tell } from './tell.ts';
import { UsageError } from './usage-error.ts';

type AnalyzeArguments = {
  folder: string;
  json: boolean;
  quiet: boolean;
  full: boolean;
  today: boolean;
  diagnose: boolean;
};

export const analyzeCommand: CommandModule<object, AnalyzeArguments> = {
  command: 'analyze <folder>',
  describe: 'Conclude again from the files of a run, and say whether the stored conclusions agree',
  builder: {
    folder: { type: 'string', demandOption: true, describe: 'A run folder: results/<experiment>/<time>, or …/latest' },
    json: { type: 'boolean', default: false, describe: 'One JSON document on stdout and nothing else' },
    quiet: { type: 'boolean', default: false, describe: 'Findings and result only' },
    full: { type: 'boolean', default: false, describe: 'Every event and every sample of ss' },
    diagnose: {
      type: 'boolean',
      default: false,
      describe: 'Say what is wrong with the programs, as far as the record shows it',
    },
    today: {
      type: 'boolean',
      default: false,
      describe: "Judge by today's experiment, not by the one that ran; nothing in the folder is executed",
    },
  },
  handler: async ({ folder: path, json, quiet, full, today, diagnose }) => {
    const folder = runFolder(path);
    const judged = await judgedFolder(folder, today, diagnose);
    if (!judged)
      throw new UsageError(
        `The run in ${path} is of the experiment '${readPlan(folder).experiment}', which does not exist any more, and no sealed copy of it is to be judged by.`,
      );
    const { timeline, result, stored, note } = judged;
    const { findings, diagnoses } = result;
    const known = storedConclusions(stored.result);
    const changed = changedConclusions(folder, ['timeline.json', 'result.json']) ?? [];
    const words = comparison(
      { timeline, findings: known?.diagnoses ? { findings, diagnoses } : { findings } },
      { timeline: stored.timeline, findings: known ?? stored.result },
      changed,
    );
    if (json) process.stdout.write(`${JSON.stringify(toJsonDocument([result]), null, 2)}\n`);
    else {
      const detail = detailOf({ full, quiet });
      process.stdout.write(renderReport({ timeline, result, screen: screenOf(process.stdout, process.env), detail }));
    }
    if (note !== undefined) tell(note);
    const strays = strayFiles(folder);
    if (strays.length > 0)
      tell(
        `No file the run recorded, and nothing rests on it: ${strays.slice(0, 5).join(', ')}${strays.length > 5 ? ', …' : ''}.`,
      );
    tell(words.text);
    const fault = contradictions(timeline);
    if (fault) tell(fault);
    const inconclusive = findings.some(({ verdict }) => verdict === 'inconclusive');
    process.exitCode = fault || (words.differs && !inconclusive) ? exitCode.fault : codeOf([{ findings, diagnoses }]);
  },
};

/** A folder that is none of a run is a mistake on the command line. */
const judgedFolder = async (folder: string, isTodays: boolean, diagnose: boolean) => {
  try {
    return await judgeFolder(folder, { isTodays, diagnose });
  } catch (error) {
    throw error instanceof PlanError ? new UsageError(`${error.message}.`) : error;
  }
};

/** As they lie there, be they damaged: then they differ. */
const storedConclusions = (stored: unknown): { findings: unknown; diagnoses?: unknown } | undefined => {
  const { findings, diagnoses } = resultSchema.safeParse(stored).data ?? {};
  return findings && { findings, ...(diagnoses && { diagnoses }) };
};

type Conclusions = { timeline: unknown; findings: unknown };

/** `changed` names the files of what is stored that somebody changed: that they differ is no fault of finwait. */
const comparison = (
  now: Conclusions,
  stored: Conclusions,
  changed: readonly string[],
): { text: string; differs: boolean } => {
  const missing = (['timeline', 'findings'] as const).filter((part) => stored[part] === undefined);
  if (missing.length > 0)
    return { text: `Nothing to compare with: the run stored no ${missing.join(' and no ')}.`, differs: false };
  const different = (['timeline', 'findings'] as const).filter(
    (part) => !isDeepStrictEqual(plain(now[part]), stored[part]),
  );
  if (changed.length > 0)
    return { text: `${notConcluded(changed)}: what is shown is computed anew from the evidence.`, differs: false };
  if (different.length === 0) return { text: 'Timeline and verdicts equal the stored ones.', differs: false };
  return {
    text: `The ${different.join(' and the ')} computed now ${different.join() === 'timeline' ? 'differs' : 'differ'} from the stored ones: the files or the experiment have changed since.`,
    differs: true,
  };
};

/** As it would stand in a JSON file. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
