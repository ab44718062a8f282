// `npm run check`: types, lint and format, import direction, dead code and unit tests, one line each; and how long files are.
import { globSync, readFileSync } from 'node:fs';
import { codeChecks } from './checks.ts';
import { experimentLines, sourceLines } from './file-lengths.ts';
import { runChecks } from './run-checks.ts';

const outcomes = await runChecks(codeChecks);

const project = `${import.meta.dirname}/..`;
const textsOf = (pattern: string) =>
  Object.fromEntries(
    globSync(pattern, { cwd: project }).map((path) => [path, readFileSync(`${project}/${path}`, 'utf8')]),
  );
const isProduct = ([path]: [string, string]) => !/\.test\.ts$|\/fixtures\//.test(path);
const lengths = [
  experimentLines(textsOf('experiments/*/*.ts')),
  sourceLines(Object.fromEntries(Object.entries(textsOf('src/**/*.ts')).filter(isProduct))),
];
for (const { ok, line } of lengths) process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${line}\n`);

process.exitCode = [...lengths, ...outcomes].every(({ ok }) => ok) ? 0 : 1;
