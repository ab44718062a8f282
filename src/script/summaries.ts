// What is told of each experiment without running it. It is kept from call to call, because to load them all takes
// longer than anything else `finwait list` does; one whose file has changed is loaded anew.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { keepFile } from '../process/keep-file.ts';
import { type CatalogueEntry, listExperiments, loadExperiment, projectFolder } from './catalogue.ts';

export type Summary = {
  name: string;
  topic: string;
  title: string;
  article: string[];
  findings: { id: string; statement: string }[];
};

/** By the path of the experiment; `version` is its file's time and size. */
type Kept = Record<string, { version: string; summary: Summary }>;

const usualPlace = join(projectFolder, 'node_modules/.cache/finwait-list.json');

/** Of every experiment of the project, by topic and name. Rejects when one cannot be loaded. `kept`: where they are kept. */
export const summarizeExperiments = async (kept = usualPlace): Promise<Summary[]> => {
  const known = readKept(kept);
  const current = await Promise.all(
    listExperiments().map(async (entry): Promise<[string, Kept[string]]> => {
      const version = versionOf(entry.file);
      const found = known[entry.file];
      return [entry.file, found?.version === version ? found : { version, summary: await summarize(entry) }];
    }),
  );
  if (current.some(([file, one]) => known[file] !== one)) keepFile(kept, JSON.stringify(Object.fromEntries(current)));
  return current.map(([, { summary }]) => summary);
};

const summarize = async (entry: CatalogueEntry): Promise<Summary> => {
  const { title, article, findings } = await loadExperiment(entry);
  const statements = Object.entries(findings).map(([id, { statement }]) => ({ id, statement }));
  return { name: entry.name, topic: entry.topic, title, article: [article ?? []].flat(), findings: statements };
};

const versionOf = (file: string): string => {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs} ${size}`;
};

/** What is not as it was written counts as nothing. */
const readKept = (file: string): Kept => {
  try {
    const kept: Kept = JSON.parse(readFileSync(file, 'utf8'));
    return Object.values(kept).every(isWhole) ? kept : {};
  } catch {
    return {};
  }
};

const isWhole = ({ summary }: Kept[string]): boolean =>
  [summary.name, summary.topic, summary.title].every((text) => typeof text === 'string') &&
  [summary.article, summary.findings].every(Array.isArray);
