// finwait export: a recorded run, or all of them, in a form another tool reads.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { readAll } from '../judge/read-all.ts';
import { latestFolders, type Recorded, readRecorded } from '../judge/recorded.ts';
import { writeReport } from '../judge/write-report.ts';
import { renderJunit } from '../report/export/junit.ts';
import { renderMermaid } from '../report/export/mermaid.ts';
import { renderSvg } from '../report/export/svg.ts';
import { isRunFolder, runFolder } from './run-folder.ts';
import { tell } from './tell.ts';
import { UsageError } from './usage-error.ts';

const formats = ['mermaid', 'svg', 'junit', 'report'] as const;

type ExportArguments = { folder: string; format: (typeof formats)[number]; output?: string; trueTime: boolean };

export const exportCommand: CommandModule<object, ExportArguments> = {
  command: 'export <folder>',
  describe:
    'A recorded run as a Mermaid or SVG diagram or as JUnit XML, or its report.html and annotated captures once more',
  builder: {
    folder: {
      type: 'string',
      demandOption: true,
      describe: 'A run folder; for junit also a results folder, which takes the latest run of each experiment',
    },
    format: {
      choices: formats,
      demandOption: true,
      describe:
        'mermaid: a diagram for Markdown; svg: the diagram alone; junit: findings as test cases; report: write report.html and the .pcapng files into the run folder again',
    },
    output: { type: 'string', describe: 'The file to write; standard output unless given' },
    'true-time': { type: 'boolean', default: false, describe: 'svg: a millisecond always has the same height' },
  },
  handler: async ({ folder: path, format, output, trueTime }) => {
    const folder = resolve(path);
    if (format === 'report') {
      if (output !== undefined)
        throw new UsageError('--format report writes into the run folder; it takes no --output.');
      const run = await readOne(path);
      await writeReport(folder, run);
      process.stdout.write(`${join(folder, 'report.html')}\n`);
      return;
    }
    const text =
      format === 'junit'
        ? renderJunit((await readMany(folder, path)).map(({ result }) => result))
        : draw(await readOne(path), format, trueTime);
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(resolve(output), text);
  },
};

const draw = ({ timeline, result }: Recorded, format: 'mermaid' | 'svg', trueTime: boolean): string =>
  format === 'svg' ? renderSvg(timeline, result, trueTime ? 1 : 0) : renderMermaid(timeline, result.title);

const readOne = async (path: string): Promise<Recorded> => {
  const folder = runFolder(path);
  const recorded = await readRecorded(folder);
  if (recorded.note !== undefined) tell(recorded.note);
  return recorded;
};

const readMany = async (folder: string, path: string): Promise<Recorded[]> => {
  if (isRunFolder(folder)) return [await readOne(path)];
  const runs = await readAll(latestFolders(folder), tell);
  if (runs.length === 0)
    throw new UsageError(`${path} holds no finished run. Run folders are results/<experiment>/<time>.`);
  return runs;
};
