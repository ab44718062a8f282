// npm run docs: runs every experiment (or takes recorded runs: npm run docs -- --from results), and writes the pages under docs/
// that state results, and the reports shown in README.md and docs/reading-a-report.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { $ } from 'zx/core';
import { makePages, type RecordedRun } from '../src/report/documents/pages.ts';
import { renderReport } from '../src/report/terminal/terminal.ts';
import { listExperiments } from '../src/script/catalogue.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { from: { type: 'string' } } });
const results = resolve(values.from ?? join(project, 'results'));
if (!values.from)
  await $({ cwd: project, stdio: 'inherit' })`${process.execPath} src/cli.mjs run all --results ${results}`;

const readRun = (experiment: string): RecordedRun => {
  const read = (name: string) => JSON.parse(readFileSync(join(results, experiment, 'latest', name), 'utf8'));
  return { result: read('result.json'), timeline: read('timeline.json') };
};
const runs = listExperiments().map(({ name }) => readRun(name));

const incomplete = runs.filter(({ result }) => result.error || result.interrupted);
if (incomplete.length > 0) {
  const names = incomplete.map(({ result }) => result.experiment).join(', ');
  process.stderr.write(`The runs of ${names} did not end well, so no page is written. Run them again.\n`);
  process.exit(2);
}

for (const [name, text] of Object.entries(makePages(runs))) {
  const path = join(project, 'docs', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(`docs/${name}\n`);
}

const shown = runs.find(({ result }) => result.experiment === 'close-both-sides') as RecordedRun;
const short = { ...shown.result, folder: `results/${shown.result.experiment}/…`, findings: shown.result.findings };
const report = renderReport({
  timeline: shown.timeline,
  result: short,
  screen: { width: 132, isTerminal: true, colour: false, unicode: true },
  detail: 'normal',
});
const lines = report.trimEnd().split('\n');

/** One part of the script, and the first finding. */
const excerpt = (): string[] => {
  const stages = lines.flatMap((line, index) => (line.includes(' ━━ ') ? [index] : []));
  const head = lines.findIndex((line) => line.startsWith(' event '));
  const findings = lines.findIndex((line) => line.startsWith(' Findings '));
  const end = lines.indexOf('', findings + 2);
  return [...lines.slice(head, head + 2), ...lines.slice(stages[0], stages[1]), '', ...lines.slice(findings, end)];
};

/** Put text between the marks of a page. */
const insert = (page: string, text: string[]) => {
  const path = join(project, page);
  const marked = /(<!-- report -->\n)[\s\S]*?(<!-- end of report -->)/;
  const replaced = readFileSync(path, 'utf8').replace(
    marked,
    (_all, begin, end) => `${begin}\`\`\`text\n${text.join('\n')}\n\`\`\`\n${end}`,
  );
  writeFileSync(path, replaced);
  process.stdout.write(`${page}\n`);
};

insert('README.md', excerpt());
insert('docs/reading-a-report.md', lines);

/** Two programs are tried anew: the page shows what `finwait try` prints. */
const tried = await $({
  cwd: join(project, 'test/fixtures/programs'),
  nothrow: true, // exit code 4: something is wrong with them
  quiet: true,
})`${process.execPath} ${join(project, 'src/cli.mjs')} try --server ${'node listen.mjs 9000'} --client ${'node leave.mjs localhost 9000'} --results ${results}`;
const printed = tried.stdout.trimEnd().split('\n');
insert('docs/try.md', [...printed.slice(0, -1), (printed.at(-1) ?? '').replace(results, 'results')]);
