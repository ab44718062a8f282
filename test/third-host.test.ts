// A lab of three hosts, client, proxy and server, with a wire between each pair: written down in src/record/hosts.ts
// alone, in a copy of the project. Everything else takes the hosts as they stand there.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import type { Timeline } from '../src/timeline/schema.ts';
import { projectFolder } from './finwait.ts';

const copy = mkdtempSync(join(tmpdir(), 'third-host-of-finwait-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const relay = `
import { connect, createServer } from 'node:net';
createServer((near) => near.pipe(connect(8080, '192.0.2.2')).pipe(near)).listen(9000, () => console.log('ready'));
`;

const experiment = `
import { experiment } from '#finwait';
export default experiment({
  title: 'A relay between client and server',
  async run({ client, proxy, server, wire }) {
    const app = await server.node();
    await app.listen(8080);
    const relay = await proxy.spawn('node', ['${join(copy, 'relay.mjs')}']);
    await relay.output(/ready/);
    const user = await (await client.node()).connect(proxy, 9000);
    await app.accepted();
    await user.write('ping');
    await user.end();
    await wire.quiet();
  },
  findings: {},
});
`;

const replaced = (text: string, what: string, by: string): string => {
  expect(text).toContain(what);
  return text.replace(what, by);
};

const copyWithThirdHost = () => {
  for (const part of ['src', 'package.json']) cpSync(join(projectFolder, part), join(copy, part), { recursive: true });
  // Its own cache: of another source nothing is to be kept for this project.
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(projectFolder, 'node_modules')).filter((one) => one !== '.cache'))
    symlinkSync(join(projectFolder, 'node_modules', name), join(copy, 'node_modules', name));
  const hosts = join(copy, 'src/record/hosts.ts');
  let text = readFileSync(hosts, 'utf8');
  text = replaced(text, "['client', 'server']", "['client', 'proxy', 'server']");
  text = replaced(text, 'perHost(() => schema);\n\n', 'perHost(() => schema.optional() as unknown as S);\n\n');
  const third = "proxy: { ip: '192.0.2.3', ip6: '2001:db8::3', mac: '02:00:00:00:00:03' },";
  writeFileSync(hosts, replaced(text, '  server: { ip:', `  ${third}\n  server: { ip:`));
  writeFileSync(join(copy, 'relay.mjs'), relay);
  mkdirSync(join(copy, 'experiments'));
  writeFileSync(join(copy, 'experiments/relayed.ts'), experiment);
};

test('a third host is expressed in src/record/hosts.ts alone', { timeout: 120_000 }, async () => {
  copyWithThirdHost();
  const results = join(copy, 'results');
  const run = await execa(process.execPath, ['src/cli.mjs', 'run', 'relayed', '--results', results], {
    cwd: copy,
    reject: false,
  });
  expect(run.exitCode, run.stderr + run.stdout).toBe(0);
  const [time = ''] = readdirSync(join(results, 'relayed')).filter((name) => name.startsWith('2'));
  const folder = join(results, 'relayed', time);
  const timeline: Timeline = JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'));
  expect(timeline.gaps).toEqual([]);

  const ends = timeline.connections.map(({ number, opener, isn, begin, ...hosts }) => ({ opener, hosts }));
  expect(ends).toMatchObject([
    { opener: 'client', hosts: { client: { address: '192.0.2.1' }, proxy: { port: 9000 } } },
    { opener: 'proxy', hosts: { proxy: { address: '192.0.2.3' }, server: { port: 8080 } } },
  ]);
  expect(ends.map(({ hosts }) => Object.keys(hosts))).toEqual([
    ['client', 'proxy'],
    ['proxy', 'server'],
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
      event.kind === 'state' && event.connection === number && String(event.host) === host ? event.to : [],
    );
  // The relay may close at once, before ss has looked.
  const seen = states(0, 'proxy').filter((state) => state !== 'CLOSE-WAIT');
  expect(seen).toEqual(['SYN-RECEIVED', 'ESTABLISHED', 'LAST-ACK', 'CLOSED']);
  expect(states(1, 'proxy').slice(0, 3)).toEqual(['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1']);
  const analyzed = await execa(process.execPath, ['src/cli.mjs', 'analyze', folder], {
    cwd: copy,
  });
  expect(analyzed.stderr).toContain('Timeline and verdicts equal the stored ones.');
});
