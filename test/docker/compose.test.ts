// `docker compose up` in a fresh clone: runs, writes, ends by itself, and can be started again.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/verdict/schema.ts';
import { composeProject } from './compose-project.ts';
import { eventually } from './engine.ts';

const owner = 1234;
const hosts = ['client', 'proxy', 'server'].flatMap((host) => [host, `${host}-sidecar`]);
const ended = Object.fromEntries([...hosts, 'collector', 'results'].map((name) => [name, '0']));

describe('docker compose up', { timeout: 300_000 }, () => {
  const project = composeProject({ owner });
  const result = (experiment: string): Result =>
    JSON.parse(readFileSync(join(project.folder, 'results', experiment, 'latest', 'result.json'), 'utf8'));
  const verdicts = (experiment: string) => result(experiment).findings.map(({ id, verdict }) => `${id} ${verdict}`);

  test('runs listen-before-accept, streams its report, ends by itself, and the caller owns what it wrote', async () => {
    const up = await project.up();
    expect(up.exitCode, up.all).toBe(0);
    expect(up.all).toMatch(/A2 +reproduced/);
    expect(await project.exitCodes()).toEqual(ended);
    expect(verdicts('listen-before-accept')).toEqual(['A2 reproduced']);
    expect(result('listen-before-accept').environment.place).toBe('docker');
    const written = readdirSync(join(project.folder, 'results'), { recursive: true, encoding: 'utf8' });
    expect(written.length).toBeGreaterThan(10);
    expect(written.filter((path) => statSync(join(project.folder, 'results', path)).uid !== owner)).toEqual([]);
  });

  test('a second up without down, with several experiments, one after the other in the same containers', async () => {
    const up = await project.up(
      { EXPERIMENT: 'close-both-sides descriptor-leak listen-before-accept' },
      '--exit-code-from',
      'collector',
    );
    expect(up.exitCode, up.all).toBe(0);
    expect(project.runs('listen-before-accept')).toHaveLength(2);
    expect(verdicts('listen-before-accept')).toEqual(['A2 reproduced']);
    // The first has left a socket in TIME-WAIT, the second dozens that nobody closed: the third knows nothing of them.
    const folder = join(project.folder, 'results/listen-before-accept/latest');
    for (const host of ['client', 'server']) {
      const [, first = ''] = readFileSync(join(folder, `ss-${host}.txt`), 'utf8').split(/^# sample.*\n/m);
      expect(first.trim().split('\n')).toHaveLength(1); // the heading
    }
  });

  test('the exit code is that of the collector, and an unknown experiment ends all the same', async () => {
    const up = await project.up({ EXPERIMENT: 'no-such-experiment' }, '--exit-code-from', 'collector');
    expect(up.exitCode).toBe(64);
    expect(up.all).toContain("There is no experiment 'no-such-experiment'");
  });

  test('Ctrl-C stops it: what was recorded is kept, and nothing runs on', async () => {
    const up = project.up({ EXPERIMENT: 'time-wait-length' });
    let said = '';
    up.all?.on('data', (text) => {
      said += text;
    });
    await eventually('the experiment to run', async () => (/waiting|segment/.test(said) ? true : undefined), 120);
    up.kill('SIGINT');
    await up;
    expect(await project.containers()).toEqual([]);
    expect((await project.exitCodes()).collector).toBe('143');
    expect(result('time-wait-length').interrupted).toBe(true);
  });

  test('a host killed in the middle: the run ends with an error, the evidence is kept', async () => {
    const up = project.up({ EXPERIMENT: 'time-wait-length' }, '--exit-code-from', 'collector');
    let said = '';
    up.all?.on('data', (text) => {
      said += text;
    });
    await eventually('the experiment to run', async () => (/waiting|segment/.test(said) ? true : undefined), 120);
    const { docker } = await import('./engine.ts');
    await docker('kill', `${project.name}-server-1`);
    const { exitCode, all } = await up;
    // Compose stops everything as soon as one container ends: the collector may hear of that before it has heard of its loss.
    expect([70, 143], all).toContain(exitCode);
    expect(await project.containers()).toEqual([]);
    expect(result('time-wait-length').findings.every(({ verdict }) => verdict === 'inconclusive')).toBe(true);
  });
});
