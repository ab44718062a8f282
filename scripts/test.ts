// `npm test`: the checks of the code, the end-to-end tests and, where a Docker engine answers, those on Docker. The
// last line says how many passed and failed in all: every test counts, and so does every other check. Runs that were
// inconclusive at first, because the machine was too slow, are told and counted beside them; more than two of them fail
// the whole.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Check, codeChecks, endToEnd, onDocker, runCheck } from './checks.ts';
import { lines, runChecks } from './run-checks.ts';
import { firstResults, mostSecondTries, secondTriesVariable, tellOf } from './second-tries.ts';

const outcomes = await runChecks(codeChecks);

// The verdicts found in namespaces, for those found on Docker to be compared with.
const folder = await mkdtemp(join(tmpdir(), 'finwait-verdicts-'));
process.env.FINWAIT_VERDICTS = join(folder, 'namespaces.json');
process.env[secondTriesVariable] = join(folder, 'first-results.ndjson');

const run = async (check: Check) => {
  const outcome = await runCheck(check);
  process.stdout.write(lines(outcome));
  outcomes.push(outcome);
};

await run(endToEnd);
const { stdout: engine, exitCode } = await execa('docker', ['version', '--format', '{{.Server.Version}}'], {
  reject: false,
});
if (exitCode === 0 && engine) {
  process.stdout.write(`Docker ${engine} answers: the tests on Docker are run.\n`);
  await run(onDocker);
} else {
  process.stdout.write(
    'No Docker engine answers: the tests on Docker are NOT run. To run them: sudo npm run docker-engine -- start\n',
  );
}
// Once more at the end, where a log that is cut still has them.
for (const failure of outcomes.flatMap(({ failures }) => failures)) process.stdout.write(`FAILED ${failure}\n`);
const first = firstResults();
const told = tellOf(first);
for (const line of told.lines) process.stdout.write(`${line}\n`);
if (told.failed > 0)
  process.stdout.write(
    `More than ${mostSecondTries} runs were inconclusive at first: this machine is too slow to test on, or finwait is.\n`,
  );
await rm(folder, { recursive: true });

const total = (what: 'passed' | 'failed') => outcomes.reduce((sum, outcome) => sum + outcome[what], 0);
process.stdout.write(
  `In all: ${total('passed')} passed, ${total('failed') + told.failed} failed, ${first.length} inconclusive at first\n`,
);
process.exitCode = outcomes.every(({ ok }) => ok) && told.failed === 0 ? 0 : 1;
