// Writes results/index.html over the latest run of every experiment, and the report of each run that has none, or not its own.
import { writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { renderIndex } from '../report/page/index-page.ts';
import { pathsOf } from '../report/states/coverage.ts';
import { whyNotShown } from './conclusions.ts';
import { readAssets } from './page-assets.ts';
import { readAll } from './read-all.ts';
import { latestFolders } from './recorded.ts';
import { writeReport } from './write-report.ts';

/**
 * Gives the number of experiments the page shows; writes nothing when there is none. `tell` is given a sentence for
 * each run that is not as it was stored.
 */
export const writeIndex = async (results: string, tell: (sentence: string) => void): Promise<number> => {
  const runs = [];
  for (const { folder, timeline, result, topic, file, note } of await readAll(latestFolders(results), tell)) {
    if (note !== undefined || whyNotShown(folder, ['report.html']))
      await writeReport(folder, { timeline, result, file });
    const href = `${relative(results, folder).split(sep).map(encodeURIComponent).join('/')}/report.html`;
    runs.push({ result, topic, paths: pathsOf(timeline), href });
  }
  if (runs.length > 0)
    writeFileSync(join(results, 'index.html'), renderIndex({ runs, assets: await readAssets('all') }));
  return runs.length;
};
