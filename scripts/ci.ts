// What .ci/run starts once set-up has brought the packages: a Docker engine where there is none, so that the tests on
// Docker are run as well, the README's test command, and the end of the engine if it was started here. The last line
// gives the real totals.
import { $ } from 'zx/core';

const mostMilliseconds = 4_500_000;
const graceMilliseconds = 20_000;

const main = async (): Promise<number> => {
  if (!(await engine('start')).ok) {
    say('Without a Docker engine, which this machine could not be given, CI is not complete.');
    say('0 passed, 1 failed');
    return 3;
  }
  const { exitCode, stdout } = await test();
  let status = exitCode ?? 70;
  if (stdout.includes('the tests on Docker are NOT run')) {
    say('The Docker engine was started and did not answer when it was needed.');
    status = 70;
  }
  const last = [...stdout.matchAll(/^In all: (\d+ passed, \d+ failed), (\d+ inconclusive at first)$/gm)].at(-1);
  if (last) say(`Runs that got a second try: ${last[2]}`);
  else {
    say('npm test ended before it had results.');
    status ||= 70;
  }
  say(last?.[1] ?? '0 passed, 1 failed');
  return status;
};

const engine = (what: 'start' | 'stop') =>
  $({ stdio: 'inherit', nothrow: true })`${process.execPath} scripts/docker-engine.ts ${what}`;

/** `npm test`, shown as it comes, in a process group of its own: npm hands no signal on. */
const test = async () => {
  const testing = $({ quiet: true, nothrow: true, detached: true })`npm test 2>&1`;
  testing.stdout.pipe(process.stdout, { end: false });
  end = (signal) => testing.pid && process.kill(-testing.pid, signal);
  const timers = [
    setTimeout(() => end('SIGTERM'), mostMilliseconds),
    setTimeout(() => end('SIGKILL'), mostMilliseconds + graceMilliseconds),
  ];
  return testing.finally(() => {
    end = () => {};
    timers.forEach(clearTimeout);
  });
};
let end = (_signal: NodeJS.Signals): unknown => undefined;

const say = (line: string) => process.stdout.write(`${line}\n`);

// An engine that was started is stopped, whoever wants this to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(signal));
try {
  process.exitCode = await main();
} finally {
  await engine('stop');
}
