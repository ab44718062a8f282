// `npm run mutations`: mutations of recorded runs, judged. Lists each that ends with a verdict the untouched run did not have.
// Usage: npm run -s mutations -- [--results DIR] [--count 1000] [--seed 1] [--mode sealed|unsealed|resealed|forged …]
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutate } from './mutations/campaign.ts';
import { type Mode, modes } from './mutations/reseal.ts';

const { values } = parseArgs({
  options: {
    results: { type: 'string', default: 'results' },
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    mode: { type: 'string', multiple: true, default: [...modes] },
  },
});

/** The folders of finished runs. */
const runs = readdirSync(values.results, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name === 'seal.json')
  .filter(({ parentPath }) => !parentPath.endsWith('latest'))
  .map(({ parentPath }) => parentPath)
  .sort();
const chosen = modes.filter((mode) => values.mode.includes(mode));
const scratch = mkdtempSync(join(tmpdir(), 'finwait-mutations-'));
if (runs.length < 2) {
  process.stderr.write(
    `${values.results} holds fewer than two sealed runs: run some first (npm run experiment all).\n`,
  );
  process.exitCode = 64;
} else {
  const begun = performance.now();
  let wrong = 0;
  for (const mode of chosen) {
    const count = Math.ceil(Number(values.count) / chosen.length);
    const outcome = await mutate({ runs, count, seed: Number(values.seed), modes: [mode satisfies Mode], scratch });
    for (const { mutation, run, kind, what, became } of outcome.wrong)
      process.stdout.write(`${mode} ${mutation} (${kind}) ${run}\n   ${what}\n   ${became.join('\n   ')}\n`);
    process.stdout.write(
      `${mode}: ${outcome.mutations} mutations of ${runs.length} runs, seed ${values.seed}: ${outcome.inconclusive} leave something open, ${outcome.unchanged} change no verdict, ${outcome.wrong.length} end with a verdict the untouched run did not have\n`,
    );
    if (mode !== 'forged') wrong += outcome.wrong.length;
  }
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
  process.exitCode = wrong > 0 ? 1 : 0;
}
rmSync(scratch, { recursive: true });
