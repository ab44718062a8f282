// `npm run check`: types, lint and format, import direction, dead code and unit tests, one line each.
import { codeChecks } from './checks.ts';
import { runChecks } from './run-checks.ts';

const outcomes = await runChecks(codeChecks);
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
