// `npm test`: the checks of the code, then the end-to-end tests. The last line says how many passed and failed in all:
// every test counts, and so does every other check.
import { codeChecks, endToEnd, runCheck } from './checks.ts';
import { lines, runChecks } from './run-checks.ts';

const outcomes = await runChecks(codeChecks);
const last = await runCheck(endToEnd);
process.stdout.write(lines(last));
outcomes.push(last);

const total = (what: 'passed' | 'failed') => outcomes.reduce((sum, outcome) => sum + outcome[what], 0);
process.stdout.write(`In all: ${total('passed')} passed, ${total('failed')} failed\n`);
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
