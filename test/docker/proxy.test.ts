// Three hosts as containers.
import { expect, test } from 'vitest';
import { finwait, fixture, readTimeline, resultsFolder, runFolder } from '../finwait.ts';

test('a proxy stands between client and server, with both its legs on the timeline', async () => {
  const results = resultsFolder();
  const run = await finwait(['run', fixture('relayed'), '--place', 'docker', '--results', results, '--json']);
  expect(run.exitCode, String(run.stdout) + run.stderr).toBe(2);
  const [{ findings }] = JSON.parse(String(run.stdout)).runs;
  expect(findings, JSON.stringify(findings)).toMatchObject([{ verdict: 'reproduced' }, { verdict: 'inconclusive' }]);
  const { gaps, connections } = readTimeline(runFolder(results, 'relayed'));
  expect(gaps).toEqual([]);
  expect(connections.map(({ opener, proxy }) => [opener, proxy?.address])).toEqual([
    ['client', '192.0.2.3'],
    ['proxy', '192.0.2.3'],
  ]);
});
