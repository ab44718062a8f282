// finwait coverage: which transitions of RFC 9293's state diagram the recorded runs witnessed, by which experiment, and
// why not the others.
import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { readAll } from '../judge/read-all.ts';
import { latestFolders } from '../judge/recorded.ts';
import { schemaVersion } from '../record/schema-version.ts';
import { coverageOf, pathsOf } from '../report/states/coverage.ts';
import { renderCoverage } from '../report/states/coverage-table.ts';
import { screenOf } from '../report/words/screen.ts';
import { tell } from './tell.ts';
import { UsageError } from './usage-error.ts';

export const coverageCommand: CommandModule<object, { results: string; json: boolean }> = {
  command: 'coverage',
  describe: "Which transitions of RFC 9293's state diagram the recorded runs witnessed, and why not the others",
  builder: {
    results: {
      type: 'string',
      default: 'results',
      describe: 'The folder of run folders; the latest run of each experiment counts',
    },
    json: { type: 'boolean', default: false, describe: 'One JSON document on stdout' },
  },
  handler: async ({ results, json }) => {
    const runs = await readAll(latestFolders(resolve(results)), tell);
    if (runs.length === 0)
      throw new UsageError(`${results} holds no finished run. Run some first: \`finwait run all\`.`);
    const coverage = coverageOf(
      runs.map(({ result, timeline }) => ({ experiment: result.experiment, paths: pathsOf(timeline) })),
    );
    process.stdout.write(
      json
        ? `${JSON.stringify({ schemaVersion, ...coverage }, null, 2)}\n`
        : renderCoverage(coverage, screenOf(process.stdout, process.env)),
    );
  },
};
