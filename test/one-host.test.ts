// finwait try --one: a program that has both ends of its connections, over its loopback.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Timeline } from '../src/timeline/schema.ts';
import { finwait, projectFolder, resultsFolder } from './finwait.ts';

const cwd = join(projectFolder, 'test/fixtures/programs');

const attempt = async (one: string, ...options: string[]) => {
  const results = resultsFolder();
  const run = await finwait(['try', '--one', one, '--results', results, ...options], { cwd });
  const folder = join(results, 'try/latest');
  const timeline: Timeline = JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'));
  return { ...run, folder, timeline };
};

test.each(['127.0.0.1', '::1', '192.0.2.1'])('both ends of a connection over %s', async (address) => {
  const { exitCode, stdout, stderr, folder, timeline } = await attempt(`/usr/bin/python3 both-ends.py ${address}`);
  expect(exitCode, String(stderr)).toBe(4);
  expect(timeline.gaps).toEqual([]);
  expect(timeline.offTimeline).toBeUndefined();
  const segments = timeline.events.flatMap((one) => (one.kind === 'segment' ? [`${one.from} ${one.text}`] : []));
  expect(segments).toEqual([
    'client S 0:0(0)',
    'server S. 0:0(0) ack 1',
    'client . 1:1(0) ack 1',
    'client P. 1:13(12) ack 1',
    'server . 1:1(0) ack 13',
    'server R. 1:1(0) ack 13',
  ]);
  const calls = timeline.events.flatMap((one) =>
    one.kind === 'call' && one.via === 'strace' ? [`${one.host} ${one.api} ${one.connection}`] : [],
  );
  for (const call of ['client connect 0', 'client send 0', 'client recv 0'])
    expect(calls.filter((one) => one === call)).toHaveLength(1);
  for (const call of ['server listen undefined', 'server accept 0', 'server recv 0', 'server close 0'])
    expect(calls.filter((one) => one === call)).toHaveLength(1);
  const reset = timeline.events.find((one) => one.kind === 'segment' && one.flags.includes('R'));
  expect(timeline.events.find(({ id }) => reset?.cause?.kind === 'call' && id === reset.cause.event)).toMatchObject({
    ...{ host: 'server', api: 'close' },
  });
  const ends = timeline.events.flatMap((one) =>
    one.kind === 'state' && one.to === 'CLOSED' && one.connection === 0 ? [one.host] : [],
  );
  expect(ends.sort()).toEqual(['client', 'server']);
  expect(stdout).toMatch(/program \(pid \d+, descriptor \d+\) closed connection #0 with 8 bytes unread/);
  expect(stdout).toContain('one host, in a network namespace of its own');
  const again = await finwait(['analyze', folder]);
  expect(again.stderr).toContain('Timeline and verdicts equal the stored ones.');
});

test('the states between are seen, for ss looks whenever something has passed', async () => {
  const { timeline } = await attempt('node both-ends.mjs', '--for', '2s');
  const states = (host: string) =>
    timeline.events.flatMap((one) =>
      one.kind === 'state' && one.host === host && one.connection === 0 ? [one.to] : [],
    );
  for (const host of ['client', 'server'])
    expect([states(host)[0], states(host).at(-1)]).toEqual([
      'ESTABLISHED',
      expect.stringMatching(/^(CLOSED|TIME-WAIT)$/),
    ]);
  const note = timeline.events.find((one) => one.kind === 'stage' && one.edge === 'note');
  const look = timeline.samples.find(({ host, begin }) => host === 'server' && begin >= (note?.at ?? 0));
  expect(look?.rows.map(({ state }) => state).sort()).toEqual(['ESTABLISHED', 'LISTEN']);
});

test('it is saved as an experiment; what belongs to two hosts is refused with it', async () => {
  const file = join(resultsFolder(), 'mine.ts');
  expect((await finwait(['try', '--one', 'node both-ends.mjs', '--save', file], { cwd })).stdout).toBe(file);
  expect(readFileSync(file, 'utf8')).toContain('oneHost: true');
  const cut = await finwait(['try', '--one', 'true', '--cut-after', '1s']);
  expect(cut).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('leave --cut-after out') });
  const none = await finwait(['try', '--server', 'true']);
  expect(none).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--client is missing') });
});

test('a process that is driven call by call is refused: nobody says which end its calls are of', async () => {
  const file = join(resultsFolder(), 'driven.ts');
  const script = 'await (await client.node()).listen(9000);';
  writeFileSync(
    file,
    `import { experiment } from '#finwait';
export default experiment({ title: 'driven', oneHost: true, async run({ client }) { ${script} }, findings: {} });
`,
  );
  const { exitCode, stdout, stderr } = await finwait(['run', file, '--results', resultsFolder()]);
  expect(exitCode, String(stderr)).toBe(70);
  expect(stdout).toContain('With oneHost the programs are any programs');
});
