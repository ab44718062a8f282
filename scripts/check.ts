// `npm run check`: types, lint and format, import direction, dead code and unit tests, one line each; and how long the
// experiments are.
import { globSync, readFileSync } from 'node:fs';
import { codeChecks } from './checks.ts';
import { experimentLines } from './experiment-lines.ts';
import { runChecks } from './run-checks.ts';

const outcomes = await runChecks(codeChecks);

const paths = globSync('experiments/*/*.ts', { cwd: `${import.meta.dirname}/..` });
const read = (path: string) => readFileSync(`${import.meta.dirname}/../${path}`, 'utf8');
const { ok, line } = experimentLines(Object.fromEntries(paths.map((path) => [path, read(path)])));
process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${line}\n`);

process.exitCode = ok && outcomes.every((outcome) => outcome.ok) ? 0 : 1;
