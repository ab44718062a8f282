// The pages that state results and the experiments they come from must not drift apart.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { articles, byId } from '../src/report/words/articles.ts';
import { listExperiments, loadExperiment } from '../src/script/catalogue.ts';

const read = (path: string) => readFileSync(new URL(`../docs/${path}`, import.meta.url), 'utf8');
const cell = (text: string) => text.replaceAll('|', '\\|');
const entries = await Promise.all(
  listExperiments().map(async (entry) => ({ ...entry, definition: await loadExperiment(entry) })),
);
const findings = entries.flatMap(({ name, definition }) =>
  Object.entries(definition.findings).map(([id, { statement, cases }]) => ({
    id,
    name,
    statement,
    cases: Object.entries(cases).map(
      ([title, { role, why }]) => `| ${cell(title)} | ${role}${why ? `: ${cell(why)}` : ''} | `,
    ),
  })),
);
const remedy = 'run `npm run docs`';

test.each(findings)('$id of $name is on its page as it is in the experiment', ({ id, name, statement, cases }) => {
  const page = articles.find(({ letter }) => id.startsWith(letter))?.name;
  const section =
    read(`articles/${page}.md`)
      .split(/^## /m)
      .find((part) => part.startsWith(`${id}\n`)) ?? '';
  expect(section, remedy).toContain(`> ${statement}\n`);
  expect(section, remedy).toContain(`\`npm run experiment ${name}\``);
  for (const row of cases) expect(section, remedy).toContain(row);
});

test.each(entries)('$name names the other experiments with cases of its statements', ({ name, definition }) => {
  const others = (id: string) => findings.filter((one) => one.id === id && one.name !== name).map((one) => one.name);
  const expected = Object.keys(definition.findings).flatMap((id) => (others(id).length > 0 ? [[id, others(id)]] : []));
  expect(definition.furtherCases ?? {}).toEqual(Object.fromEntries(expected));
});

test('the pages state no finding that no experiment has', () => {
  const ids = [...new Set(findings.map(({ id }) => id))].sort(byId);
  const table = [...read('findings.md').matchAll(/^\| \[([A-E]\d+)\]/gm)].map(([, id]) => id);
  const pages = articles.flatMap(({ name }) =>
    [...read(`articles/${name}.md`).matchAll(/^## (\S+)$/gm)].map(([, id]) => id),
  );
  expect(table, remedy).toEqual(ids);
  expect(pages, remedy).toEqual(ids);
});

test('every statement of the five articles has a finding', () => {
  const counts = { A: 17, B: 10, C: 9, D: 13, E: 8 };
  const all = Object.entries(counts).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  expect([...new Set(findings.map(({ id }) => id))].sort(byId)).toEqual(all);
});
