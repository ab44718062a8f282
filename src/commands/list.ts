// finwait list: what experiments there are and which statements each decides.
import type { CommandModule } from 'yargs';
import { schemaVersion } from '../record/schema-version.ts';
import { summarizeExperiments } from '../script/summaries.ts';

/** Print them. */
export const list = async ({ json }: { json: boolean }): Promise<void> => {
  const experiments = await summarizeExperiments();
  if (json) {
    process.stdout.write(`${JSON.stringify({ schemaVersion, experiments }, null, 2)}\n`);
    return;
  }
  const width = Math.max(...experiments.map(({ name }) => name.length));
  let topic = '';
  for (const one of experiments) {
    if (one.topic !== topic) process.stdout.write(`${topic ? '\n' : ''}${one.topic}\n`);
    topic = one.topic;
    process.stdout.write(
      `  ${one.name.padEnd(width)}  ${one.title} (${one.findings.map(({ id }) => id).join(', ')})\n`,
    );
  }
  process.stdout.write('\nRun one: npm run experiment <name>\n');
};

export const listCommand: CommandModule<object, { json: boolean }> = {
  command: 'list',
  describe: 'The experiments: name, title, findings',
  builder: { json: { type: 'boolean', default: false, describe: 'One JSON document on stdout' } },
  handler: list,
};
