// Writes results/index.html over the latest run of every experiment, and the report of each run that has none yet.
import { existsSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { renderIndex } from '../report/html/index-page.ts';
import { pathsOf } from '../report/states/coverage.ts';
import { readAssets } from './page-assets.ts';
import { latestFolders, readRecorded } from './recorded.ts';
import { writeReport } from './write-report.ts';

/** Gives the number of experiments the page shows; writes nothing when there is none. */
export const writeIndex = (results: string): number => {
  const runs = latestFolders(results).map((folder) => {
    const { timeline, result, topic, file } = readRecorded(folder);
    if (!existsSync(join(folder, 'report.html'))) writeReport(folder, { timeline, result, file });
    const href = `${relative(results, folder).split(sep).map(encodeURIComponent).join('/')}/report.html`;
    return { result, topic, paths: pathsOf(timeline), href };
  });
  if (runs.length > 0) writeFileSync(join(results, 'index.html'), renderIndex({ runs, assets: readAssets('all') }));
  return runs.length;
};
