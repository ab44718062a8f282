// A host between client and server: both legs on one timeline, what a proxy of Debian's does there, and `try --proxy`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isOnPath } from '../scripts/setup/commands.mjs';
import { rowsOf } from '../src/report/rows/rows.ts';
import { drawLanes } from '../src/report/terminal/lanes.ts';
import { drawList } from '../src/report/terminal/list.ts';
import { glyphsFor } from '../src/report/words/glyphs.ts';
import type { Timeline } from '../src/timeline/schema.ts';
import { finwait, projectFolder, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const fixtures = join(projectFolder, 'test/fixtures');
const programs = join(fixtures, 'programs');

describe('a relay', () => {
  let folder: string;
  let timeline: Timeline;
  let stdout: string;

  beforeAll(async () => {
    const results = resultsFolder();
    const run = await finwait(['run', join(fixtures, 'experiments/relayed.ts'), '--results', results, '--json']);
    stdout = String(run.stdout);
    expect(run.exitCode, stdout + run.stderr).toBe(2);
    folder = runFolder(results, 'relayed');
    timeline = readTimeline(folder);
  }, 60_000);

  test('both legs are on one timeline, with the states at all four ends', () => {
    expect(timeline.gaps).toEqual([]);
    const ends = timeline.connections.map(({ number, opener, isn, begin, ...hosts }) => [opener, Object.keys(hosts)]);
    expect(ends).toEqual([
      ['client', ['client', 'proxy']],
      ['proxy', ['proxy', 'server']],
    ]);
    const ways = timeline.events.flatMap((event) =>
      event.kind === 'segment' ? `#${event.connection} ${event.from} ${event.flags} ${event.to}` : [],
    );
    expect(ways.slice(0, 6)).toEqual([
      '#0 client S proxy',
      '#0 proxy S. client',
      '#0 client . proxy',
      '#1 proxy S server',
      '#1 server S. proxy',
      '#1 proxy . server',
    ]);
    const states = (number: number, host: string) =>
      timeline.events.flatMap((event) =>
        event.kind === 'state' && event.connection === number && event.host === host ? event.to : [],
      );
    expect(states(0, 'proxy')).toEqual(['SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
    expect(states(1, 'proxy').slice(0, 3)).toEqual(['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1']);
  });

  test('findings ask each end, and an end that is not there is no answer', () => {
    const [{ findings }] = JSON.parse(stdout).runs;
    expect(findings[0]).toMatchObject({ id: 'X1', verdict: 'reproduced' });
    expect(findings[1]).toMatchObject({ id: 'X2', verdict: 'inconclusive' });
    expect(findings[1].cases[0].actual).toContain(
      'the connection has no end at the client: it is between proxy and server',
    );
  });

  test('past the proxy there is no way', () => {
    const past = timeline.events.find(
      (event) => event.kind === 'call' && event.host === 'client' && event.api === 'connect' && event.via === 'raw',
    );
    expect(past).toMatchObject({ returned: { errno: 'EHOSTUNREACH' } });
  });

  test('the record bears another reading, and holds the files of three hosts', async () => {
    const again = await finwait(['analyze', folder]);
    expect(again.stderr).toContain('Timeline and verdicts equal the stored ones.');
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['proxy.pcap', 'proxy.pcapng', 'ss-proxy.txt']));
  });

  test('in seven lanes, in a list, in Mermaid and on the page', async () => {
    const screen = { width: 200, unicode: true, colour: false, isTerminal: true };
    const rows = rowsOf(timeline, 'normal', glyphsFor(screen));
    const [titles] = drawLanes(rows, timeline, screen) ?? [];
    expect(titles).toMatch(/client calls +client state +wire +proxy +wire +server state +server calls$/);
    expect(drawLanes(rows, timeline, { ...screen, width: 110 })).toBeUndefined();
    const list = drawList(timeline, 'normal', { ...screen, width: 110 }).join('\n');
    expect(list).toMatch(/client ──► proxy +#0 S 0:0\(0\)/);
    expect(list).toMatch(/proxy ──► server +#1 S 0:0\(0\)/);
    const mermaid = String((await finwait(['export', folder, '--format', 'mermaid'])).stdout);
    expect(mermaid).toContain('participant P as proxy 192.0.2.3');
    expect(mermaid).toMatch(/P->>S: #35;1 S 0:0\(0\)/);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('"title":"proxy","kind":"both","host":"proxy"');
  });
});

// What is not asked for at set-up is not everywhere.
describe.each(['nginx', 'haproxy'])('%s', (proxy) => {
  const here = test.skipIf(!isOnPath(proxy));

  here('a connection that the upstream closes while it is reused is a 502, and its leg is named', async () => {
    const results = resultsFolder();
    const run = await finwait(['run', join(fixtures, `${proxy}-reuses.ts`), '--results', results, '--json']);
    expect(run.exitCode, String(run.stdout) + run.stderr).toBe(4);
    const [{ diagnoses }] = JSON.parse(String(run.stdout)).runs;
    expect(diagnoses.map(({ name }: { name: string }) => name)).toEqual(['written-after-close']);
    expect(diagnoses[0].sentence).toMatch(
      /^The proxy wrote a further request on connection #1 \(proxy to server\) while the FIN of the server was on its way: .* the proxy got E\w+\. The proxy then answered 502 on connection #2 \(client to proxy\)\.$/,
    );
    const timeline = readTimeline(runFolder(results, `${proxy}-reuses`));
    expect(timeline.gaps).toEqual([]);
    const said = timeline.events.flatMap((event) => (event.kind === 'output' ? event.text.trim() : []));
    expect(said).toEqual(expect.arrayContaining(['200', '502']));
  });
});

describe('try --proxy', () => {
  const tried = (more: string[]) =>
    finwait(['try', '--results', resultsFolder(), '--json', ...more], { cwd: programs });

  test('the client’s localhost is the proxy’s host, and the proxy’s the server’s', async () => {
    const run = await tried([
      ...['--server', 'node upstream.mjs', '--proxy', 'node relay.mjs 8080 localhost 3000'],
      ...['--client', 'python3 post.py localhost 8080'],
    ]);
    expect(run.exitCode, String(run.stdout) + run.stderr).toBe(0);
    const [result] = JSON.parse(String(run.stdout)).runs;
    expect(result.environment.proxy).toBe(true);
    const timeline = readTimeline(result.folder);
    expect(timeline.gaps).toEqual([]);
    expect(
      timeline.connections.map(({ opener, client, proxy, server }) => [opener, client, proxy, server].map(Boolean)),
    ).toEqual([
      [true, true, true, false],
      [true, false, true, true],
    ]);
    const said = timeline.events.flatMap((event) => (event.kind === 'output' ? event.text.trim() : []));
    expect(said).toContain('200');
  });

  test('a proxy whose upstream is not there is refused, and its leg is named', async () => {
    const run = await tried([
      ...['--server', 'node upstream.mjs', '--proxy', 'node relay.mjs 8080 server 3001'],
      ...['--client', 'python3 post.py localhost 8080'],
    ]);
    expect(run.exitCode, String(run.stdout) + run.stderr).toBe(4);
    const [{ diagnoses }] = JSON.parse(String(run.stdout)).runs;
    expect(diagnoses[0]).toMatchObject({ name: 'refused' });
    expect(diagnoses[0].sentence).toContain(
      'The proxy was refused at 192.0.2.2:3001: nobody on the server listened on port 3001',
    );
  });
});
