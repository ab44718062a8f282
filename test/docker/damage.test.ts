// What is killed, stopped or full in the middle of a run: a clear error, an exit code, the evidence, and nothing left behind.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { prepareImage } from '../../src/lab/docker/image.ts';
import { finwait, program, projectFolder, readResult, resultsFolder, runFolder } from '../finwait.ts';
import { containers, docker, eventually } from './engine.ts';

const results = resultsFolder();
const place = ['--place', 'docker'];
const experiment = 'time-wait-length';
const containersOf = (pid: number | undefined) => async () =>
  (await containers('--all')).filter((name) => name.startsWith(`finwait-${pid}-`));

/** Start a run that would take a minute, and give it back (in an object: it is a promise as well) once it has begun. */
const begin = async (folder: string, options: { env?: Record<string, string> } = {}) => {
  const run = finwait(['run', experiment, ...place, '--results', folder], options);
  const ended = run.then(({ stderr }) => Promise.reject(new Error(`The run has ended instead: ${stderr}`)));
  const begun = eventually('the run to begin', async () => {
    const [time = ''] = existsSync(join(folder, experiment)) ? readdirSync(join(folder, experiment)) : [];
    const wire = join(folder, experiment, time, 'wire.ndjson');
    return existsSync(wire) && statSync(wire).size > 0 ? true : undefined;
  });
  await Promise.race([begun, ended]);
  return { run, ofRun: containersOf(run.pid) };
};

// The image is built once, before anything is timed.
beforeAll(() => finwait(['run', 'listen-before-accept', ...place, '--results', results]), 300_000);

test.each([
  ['the host container', '-client'],
  ['the sidecar container', '-server-sidecar'],
])('%s killed by docker kill', async (_what, suffix) => {
  const folder = join(results, suffix);
  mkdirSync(folder);
  const { run, ofRun } = await begin(folder);
  const [victim] = (await ofRun()).filter((name) => name.endsWith(suffix));
  await docker('kill', victim as string);
  const { exitCode, stdout } = await run;
  expect(exitCode).toBe(70);
  expect(String(stdout).replaceAll(/\s+/g, ' ')).toContain(`${victim} ended with 137 (killed)`);
  const result = readResult(runFolder(folder, experiment));
  expect(result.error?.code).toBe('ELOST');
  expect(result.findings.every(({ verdict }) => verdict === 'inconclusive')).toBe(true);
  expect(readFileSync(join(runFolder(folder, experiment), 'client.pcap')).length).toBeGreaterThan(100);
  expect(await ofRun()).toEqual([]);
});

test('finwait killed by SIGKILL at any moment: its containers end by themselves', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'temporary-of-a-test-'));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const env = { TMPDIR: temporary };
  for (const milliseconds of [200, 700, 1100, 1600, 2500]) {
    const run = finwait(['run', experiment, ...place, '--results', join(results, `killed-${milliseconds}`)], { env });
    await pause(milliseconds);
    run.kill('SIGKILL');
    await run;
    await eventually(
      `no container of the run killed after ${milliseconds} ms`,
      async () => ((await containersOf(run.pid)()).length === 0 ? true : undefined),
      20,
    );
  }
  // The folder of a control socket goes at the next start.
  const after = await finwait(
    ['run', 'listen-before-accept', '--quiet', ...place, '--results', join(results, 'after')],
    { env },
  );
  expect(after.exitCode).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
});

test('containers of a killed run that could not end are removed by the next start', async () => {
  const { run, ofRun } = await begin(join(results, 'paused'));
  const mine = await ofRun();
  await docker('pause', ...mine);
  run.kill('SIGKILL');
  await run;
  expect(await ofRun()).toHaveLength(4);
  const after = await finwait([
    'run',
    'listen-before-accept',
    '--quiet',
    ...place,
    '--results',
    join(results, 'after'),
  ]);
  expect(after.exitCode).toBe(0);
  expect(await ofRun()).toEqual([]);
});

test('Ctrl-C: what is recorded is judged, and nothing is left', async () => {
  const { run, ofRun } = await begin(join(results, 'interrupted'));
  run.kill('SIGINT');
  const { exitCode } = await run;
  expect(exitCode).toBe(130);
  expect(readResult(runFolder(join(results, 'interrupted'), experiment)).interrupted).toBe(true);
  expect(await ofRun()).toEqual([]);
});

test('a full disk: the remedy is named, what was recorded before is kept', async () => {
  const folder = join(results, 'full');
  mkdirSync(folder);
  // A disk of 64 KiB that only this run sees.
  const mount = `mount -t tmpfs -o size=64k tmpfs '${folder}' && '${process.execPath}' '${program}' run time-wait-length --place docker --results '${folder}'; code=$?; ls -R '${folder}'; exit $code`;
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const { exitCode, all } = await execa('unshare', [...own, '--mount', 'sh', '-c', mount], {
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  expect([3, 70], all).toContain(exitCode);
  expect(all).toMatch(/ENOSPC|disk is full/);
  expect(all).toContain('wire.ndjson');
});

test('no engine answers: a sentence and a remedy, exit code 3', async () => {
  const { exitCode, stderr } = await finwait(['run', 'listen-before-accept', ...place, '--results', results], {
    env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/The Docker engine does not answer.*Start it/s);
});

// An engine of its own, so that stopping it takes nothing from anybody.
describe.runIf(process.getuid?.() === 0 && existsSync('/usr/sbin/dockerd'))(
  'an engine that is stopped in the middle',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-'));
    const env = { DOCKER_HOST: `unix://${folder}/docker.sock` };
    const own = [
      `--host=${env.DOCKER_HOST}`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/pid`,
    ];
    // In a network namespace of its own as well: an engine without a bridge removes docker0, and that is the other engine's.
    const command = [
      '--net',
      join(projectFolder, 'scripts/docker-engine/dockerd.sh'),
      '--bridge=none',
      '--iptables=false',
    ];
    const start = () => execa('unshare', [...command, ...own], { reject: false });
    let engine: ReturnType<typeof start>;
    const answers = () =>
      eventually('the engine to answer', async () =>
        (await execa('docker', ['version'], { env, reject: false })).exitCode === 0 ? true : undefined,
      );

    beforeAll(async () => {
      engine = start();
      await answers();
      const { name: image } = await prepareImage(() => {}); // it is there: beforeAll has built it
      await execa('sh', ['-c', `docker save '${image}' | DOCKER_HOST='${env.DOCKER_HOST}' docker load`]);
    }, 120_000);
    afterAll(async () => {
      engine.kill('SIGTERM');
      await engine;
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    test('the run ends with an error and its evidence, and the next start leaves nothing', async () => {
      const { run } = await begin(join(results, 'stopped'), { env });
      engine.kill('SIGTERM');
      await engine;
      const { exitCode } = await run;
      expect(exitCode).toBe(70);
      expect(readResult(runFolder(join(results, 'stopped'), experiment)).error?.code).toBe('ELOST');
      engine = start();
      await answers();
      const after = await finwait(
        ['run', 'listen-before-accept', '--quiet', ...place, '--results', join(results, 'restarted')],
        { env },
      );
      expect(after.exitCode, String(after.stderr)).toBe(0);
      const left = await execa('docker', ['ps', '--all', '--quiet'], { env });
      expect(left.stdout).toBe('');
    }, 240_000);
  },
);
