// The command line as a stranger meets it: what it says, on which stream, and with which exit code it ends.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test as oneByOne } from 'vitest';
import { listExperiments } from '../src/script/catalogue.ts';
import {
  finwait,
  fixture,
  projectFolder,
  readDocument,
  readTimeline,
  resultsFolder,
  runFolder,
  runsOf,
} from './finwait.ts';

// A run mostly waits: several at a time cost little more than one.
const test = oneByOne.concurrent;
const results = resultsFolder();
const here = ['--results', results];
const escapeCode = '\u001b';

test('--help names the commands, and every exit code with its meaning', async () => {
  const { stdout, stderr, exitCode } = await finwait(['--help']);
  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  for (const command of ['run', 'list', 'analyze', 'doctor'])
    expect(stdout).toMatch(new RegExp(`finwait ${command}\\b`));
  for (const code of [0, 2, 3, 64, 70, 130, 143]) expect(stdout).toMatch(new RegExp(`\\b${code}\\b`));
  const run = await finwait(['run', '--help']);
  for (const option of ['json', 'quiet', 'full', 'sysctl', 'repeat', 'results', 'timeout'])
    expect(run.stdout).toContain(`--${option}`);
  expect(run.stdout).toContain('130');
});

describe('execa is loaded by a command that starts a child, and by no other', () => {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({
      load: (url, context, next) => {
        if (/\\bexeca\\b/.test(url)) process.stderr.write('execa is loaded\\n');
        return next(url, context);
      },
    });`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` };
  test.each([
    [['--version'], false],
    [['--help'], false],
    [['list'], false],
    [['doctor'], true],
  ] as const)('%j', async (args, isLoaded) => {
    const { stderr } = await finwait([...args], { env });
    expect(String(stderr).includes('execa is loaded')).toBe(isLoaded);
  });
});

describe('a wrong command line ends with 64 and one sentence on stderr', () => {
  test.each([
    [[], /Name a command/],
    [['runn', 'half-close'], /runn/],
    [['run'], /names|Not enough/],
    [['run', 'half-clos'], /There is no experiment 'half-clos'\. Nearest: half-close,/],
    [['run', 'listen'], /Nearest: .*listen-before-accept/],
    [['run', './no/such/file.ts'], /There is no file .*no\/such\/file\.ts/],
    [['run', 'half-close', '--jsn'], /jsn/],
    [['run', 'half-close', '--repeat', '0'], /--repeat takes a whole number from 1/],
    [['run', 'half-close', '--repeat', '1.5'], /--repeat/],
    [['run', 'half-close', '--repeat', 'often'], /--repeat/],
    [['run', 'half-close', '--timeout', '-1'], /--timeout/],
    [['run', 'half-close', '--timeout', 'soon'], /--timeout/],
    [
      ['run', 'half-close', '--sysctl', 'net.ipv4.tcp_fin_timeout=5'],
      /--sysctl 'net\.ipv4\.tcp_fin_timeout=5' is not understood: write host:name=value/,
    ],
    [['run', 'half-close', '--sysctl', 'client:vm.swappiness=1'], /The sysctl vm\.swappiness is the machine's/],
    [['run', 'half-close', '--sysctl', 'client:kernel.core_pattern=|/bin/sh'], /kernel\.core_pattern is the machine's/],
    [['run', 'half-close', '--sysctl', 'client:net/../vm/swappiness=1'], /'net\/\.\.\/vm\/swappiness' is not the name/],
    [['run', 'half-close', '--sysctl', 'client:net.ipv4....vm.swappiness=1'], /is not the name of a sysctl/],
    [['run', 'half-close', '--sysctl', 'client:net=1'], /The sysctl net is the machine's/],
    [['run', 'half-close', '--sysctl', 'client:net.ipv4\n=1'], /is not the name of a sysctl/],
    [['step', 'half-close', '--sysctl', 'client:vm.swappiness=1'], /terminal|vm\.swappiness/],
    [['run', 'half-close', '--quiet', '--full'], /quiet|full/],
    [['run', 'half-close', '--results', ''], /--results/],
    [['analyze', '/tmp'], /is not a run folder/],
    [['analyze', '/no/such/folder'], /There is no \/no\/such\/folder/],
  ])('%j', async (args, sentence) => {
    const { stdout, stderr, exitCode } = await finwait(args);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^finwait: /);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(64);
  });
});

test('list shows every experiment with its title and findings', async () => {
  const { stdout, exitCode } = await finwait(['list', '--json']);
  expect(exitCode).toBe(0);
  const { experiments } = JSON.parse(String(stdout));
  expect(experiments.map(({ name }: { name: string }) => name).sort()).toEqual(
    listExperiments()
      .map(({ name }) => name)
      .sort(),
  );
  for (const { title, findings } of experiments) {
    expect(title).toBeTruthy();
    expect(findings.length).toBeGreaterThan(0);
  }
  const plain = await finwait(['list']);
  for (const { name, title } of experiments) expect(plain.stdout).toContain(`${name}`.padEnd(1) && title);
});

test('--json puts one document on stdout and nothing else, progress goes to stderr', async () => {
  const { stdout, stderr, exitCode } = await finwait([
    'run',
    'accept-and-exchange',
    'bind-without-listen',
    '--json',
    ...here,
  ]);
  expect(exitCode).toBe(0);
  expect(readDocument(stdout).runs.map(({ experiment }) => experiment)).toEqual([
    'accept-and-exchange',
    'bind-without-listen',
  ]);
  expect(stderr).toContain('accept-and-exchange');
});

test('a report on no terminal has no escape codes; FORCE_COLOR and NO_COLOR are heeded', async () => {
  const run = (env: Record<string, string>) => finwait(['run', 'accept-and-exchange', ...here], { env });
  const [plain, forced, both] = await Promise.all([run({}), run({ FORCE_COLOR: '1' }), run({ NO_COLOR: '1' })]);
  for (const { stdout, stderr, exitCode } of [plain, both]) {
    expect(stdout).not.toContain(escapeCode);
    expect(stderr).not.toContain(escapeCode);
    expect(exitCode).toBe(0);
  }
  expect(forced.stdout).toContain(escapeCode);
  expect(forced.stdout).not.toContain('Warning'); // colours are asked of the report, not of the programs in the hosts
  expect(plain.stdout).toContain('A3');
  expect(String(plain.stdout).trimEnd().split('\n').at(-1)).toContain(results);
});

test('--quiet shows findings only, --full every sample', async () => {
  const [quiet, normal, full] = await Promise.all(
    [['--quiet'], [], ['--full']].map((more) => finwait(['run', 'accept-and-exchange', ...more, ...here])),
  );
  const lines = (run: typeof quiet) => String(run?.stdout).split('\n').length;
  expect(lines(quiet)).toBeLessThan(lines(normal));
  expect(lines(normal)).toBeLessThan(lines(full));
  expect(quiet?.stdout).not.toContain('192.0.2.');
  expect(full?.stdout).toMatch(/\bs\d+\b/);
});

test('--sysctl is in force during the run, and the result says so', async () => {
  const folder = join(results, 'sysctl');
  const settings = ['--sysctl', 'client:net.ipv4.tcp_timestamps=0', '--sysctl', 'server:net.ipv4.tcp_sack=0'];
  const { stdout, exitCode } = await finwait([
    'run',
    'accept-and-exchange',
    '--json',
    ...settings,
    '--results',
    folder,
  ]);
  expect(exitCode).toBe(0);
  const both = [{ host: 'client' }, { host: 'server' }];
  expect(readDocument(stdout).runs[0]?.environment.sysctls).toEqual([
    ...both.map((host) => ({ ...host, name: 'net.ipv4.tcp_early_retrans', value: '0', default: '3' })), // the experiment's own
    { host: 'client', name: 'net.ipv4.tcp_timestamps', value: '0', default: '1' },
    { host: 'server', name: 'net.ipv4.tcp_sack', value: '0', default: '1' },
  ]);
  const [syn, answer] = readTimeline(runFolder(folder, 'accept-and-exchange')).events.filter(
    (event) => event.kind === 'segment',
  );
  expect(syn?.options).not.toHaveProperty('timestamps');
  expect(syn?.options).toHaveProperty('sackPermitted');
  expect(answer?.options).not.toHaveProperty('sackPermitted');
});

test('a script reaches no sysctl but those of the network stacks, whatever it asks for', async () => {
  const of = (name: string) => readFileSync(`/proc/sys/${name}`, 'utf8');
  const before = [of('vm/swappiness'), of('kernel/core_pattern')];
  const { exitCode, stdout } = await finwait(['run', fixture('forbidden-sysctls'), '--json', ...here]);
  expect(readDocument(stdout).runs[0]?.error).toBeUndefined();
  expect(exitCode).toBe(0);
  expect([of('vm/swappiness'), of('kernel/core_pattern')]).toEqual(before);
});

describe('an experiment that fails', () => {
  test('leaves the others of the run alone', async () => {
    const folder = resultsFolder();
    writeFileSync(join(folder, 'half-close'), 'a file where its runs would be');
    const names = [fixture('cannot-be-loaded'), 'half-close', 'listen-before-accept'];
    const { exitCode, stdout, stderr } = await finwait(['run', ...names, '--json', '--results', folder]);
    expect(exitCode).toBe(70);
    const { runs, failed } = readDocument(stdout);
    expect(runs.map(({ experiment }) => experiment)).toEqual(['listen-before-accept']);
    expect(failed?.map(({ experiment }) => experiment)).toEqual(['cannot-be-loaded', 'half-close']);
    expect(stderr).toMatch(/finwait: cannot-be-loaded: .*nothing here can be loaded/);
    expect(stderr).toMatch(/finwait: half-close: this machine cannot run it\. The results cannot be written/);
  });

  test('by an error that nobody catches ends with 70, and its record is kept', async () => {
    const folder = join(results, 'uncaught');
    const { exitCode, stderr } = await finwait(['run', fixture('uncaught'), '--results', folder]);
    expect(exitCode).toBe(70);
    expect(stderr).toMatch(/a fault of finwait itself\. Error: nobody catches this/);
    const again = await finwait(['analyze', runFolder(folder, 'uncaught'), '--json']);
    expect(again.exitCode).toBe(2);
    expect(readDocument(again.stdout).runs[0]?.findings.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
  });
});

test.each([
  ['client:net.ipv4.no_such=1', 'No host of a lab has the sysctl net.ipv4.no_such'],
  ['client:vm.swappiness=1', "The sysctl vm.swappiness is the machine's"],
  ['server:net.ipv4.tcp_sack=maybe', "The sysctl net.ipv4.tcp_sack does not take the value 'maybe'"],
])('a sysctl that cannot be set ends with 64 before there is a lab: %s', async (setting, sentence) => {
  const folder = resultsFolder();
  const run = await finwait(['run', 'accept-and-exchange', '--json', '--sysctl', setting, '--results', folder]);
  expect(run.stderr).toContain(sentence);
  expect(run.exitCode).toBe(64);
  expect(runsOf(folder, 'accept-and-exchange')).toEqual([]);
});

describe('an experiment that is not defined as one must be ends with 64 before there is a lab', () => {
  const claim = "{ X1: finding('x', { y: () => unknown('z') }) }";
  test.each([
    ["article: 'conection-states', findings: {}", "takes as definition.article 'connection-states', 'close-variants',"],
    ['findings: {}, timeout: 5', 'takes as definition nothing but title, article, sysctls,'],
    ['timeoutSeconds: -1, findings: {}', 'takes as definition.timeoutSeconds seconds above 0, and was given -1.'],
    ["freeRun: 'yes', findings: {}", "takes as definition.freeRun true or false, and was given 'yes'."],
    ['', 'takes as definition.findings an object of findings by their ids, which may be empty, and was given nothing.'],
    ["findings: { X1: finding('x', {}) }", 'takes as definition.findings.X1.cases at least one case'],
    [
      "findings: { X1: finding('', { y: () => unknown('z') }) }",
      'definition.findings.X1.statement a text that is not empty',
    ],
    ["findings: { X1: finding('x', { y: 5 }) }", 'takes as definition.findings.X1.cases.y a function of the run,'],
    ["findings: { X1: () => 'held' }", 'takes as definition.findings.X1 an object of statement, cases, because'],
    [`findings: ${claim}, sysctls: { server: { 'vm.swappiness': 1 } }`, "The sysctl vm.swappiness is the machine's"],
    [
      `findings: ${claim}, sysctls: { server: { 'net.ipv4.no_such': 1 } }`,
      'No host of a lab has the sysctl net.ipv4.no_such',
    ],
    [
      `findings: ${claim}, furtherCases: { X9: ['other'] }`,
      'experiment() names further cases of X9, of which it has no',
    ],
    [`findings: ${claim}, sysctls: { router: {} }`, 'takes as definition.sysctls nothing but client, proxy, server'],
    [`findings: ${claim}, files: { 'plan/x': 'y' }`, 'takes as definition.files texts by the names of files'],
  ])('%s', async (fields, sentence) => {
    const folder = resultsFolder();
    const file = join(folder, 'mine.ts');
    const words = `import { experiment, finding, unknown } from '#finwait';\nconst _ = [finding, unknown];`;
    writeFileSync(
      file,
      `${words}\nexport default experiment({ title: 'x', run: async () => {}, ${fields} } as any);\n`,
    );
    const { stderr, exitCode } = await finwait(['run', file, '--results', folder]);
    expect(stderr).toContain(sentence);
    if (!sentence.startsWith('No host of a lab')) expect(stderr).toContain('mine.ts:3)');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(exitCode).toBe(64);
    expect(runsOf(folder, 'mine')).toEqual([]);
  });
});

test('an experiment of one’s own needs no article and no findings', async () => {
  const folder = resultsFolder();
  const file = join(folder, 'mine.ts');
  writeFileSync(
    file,
    "import { experiment } from '#finwait';\nexport default experiment({ title: 'x', run: async () => {}, findings: {} });\n",
  );
  const { stdout, stderr, exitCode } = await finwait(['run', file, '--results', folder]);
  expect(exitCode, String(stderr)).toBe(0);
  expect(stdout).not.toContain('on the article');
  const again = await finwait(['analyze', runFolder(folder, 'mine'), '--quiet']);
  expect(again.exitCode, String(again.stderr)).toBe(0);
  const index = await finwait(['report', '--no-open', '--results', folder]);
  expect(index.exitCode, String(index.stderr)).toBe(0);
});

test('a word with a wrong argument ends the run with one sentence and its line', async () => {
  const folder = resultsFolder();
  const file = join(folder, 'mine.ts');
  const lines = [
    "import { experiment } from '#finwait';",
    "export default experiment({ title: 'x', findings: {}, async run({ client, server }) {",
    '  const app = await server.node();',
    '  await app.listen(50000);',
    '  const socket = await (await client.node()).connect(server, 50000);',
    "  await socket.setsockopt('SOL_SOCKET', 'SO_LINGER', { onoff: 1, linger: 0 } as any);",
    '} });',
  ];
  writeFileSync(file, lines.join('\n'));
  const { stdout, exitCode } = await finwait(['run', file, '--json', '--results', folder]);
  expect(exitCode).toBe(70);
  expect(readDocument(stdout).runs[0]?.error).toEqual({
    code: 'ESCRIPT',
    message: `socket.setsockopt() takes as value of SO_LINGER { on: true or false, seconds: a whole number from 0 }, and was given { onoff: 1, linger: 0 }. (${file}:6)`,
  });
});

test('--repeat makes so many runs and prints the share of each verdict', async () => {
  const json = await finwait(['run', 'bind-without-listen', '--repeat', '3', '--json', ...here]);
  const { runs } = readDocument(json.stdout);
  expect(runs).toHaveLength(3);
  expect(new Set(runs.map(({ folder }) => folder)).size).toBe(3);
  const plain = await finwait(['run', 'bind-without-listen', '--repeat', '2', ...here]);
  expect(plain.exitCode).toBe(0);
  expect(plain.stdout).toMatch(/2 of 2 \(100 %\)/);
});

test('--results makes the folder, whatever its name', async () => {
  const folder = join(results, "it's a folder", 'of $mine');
  const { exitCode, stdout } = await finwait(['run', 'accept-and-exchange', '--json', '--results', folder]);
  expect(exitCode).toBe(0);
  expect(readDocument(stdout).runs[0]?.folder).toContain(folder);
});

test('an experiment outside the project is run and analysed by its path', async () => {
  const elsewhere = join(results, 'elsewhere');
  mkdirSync(elsewhere);
  const file = join(elsewhere, 'my-own.ts');
  copyFileSync(join(projectFolder, 'experiments/connect/accept-and-exchange.ts'), file);
  const { exitCode, stdout, stderr } = await finwait(['run', './my-own.ts', '--json', ...here], { cwd: elsewhere });
  expect(exitCode, String(stderr)).toBe(0);
  expect(stderr).not.toMatch(/warning/i);
  const [run] = readDocument(stdout).runs;
  expect(run).toMatchObject({ experiment: 'my-own' });
  const again = await finwait(['analyze', String(run?.folder), '--quiet']);
  expect(again.stderr).toContain('equal the stored ones');
  expect(again.exitCode).toBe(0);
});

test.each([
  ['no-experiment', 'export default 1;', /does not export an experiment/],
  ['no-syntax', 'export default {{', /cannot be loaded\.[\s\S]*no-syntax\.ts:1/],
  [
    'no-such-word',
    "import { nonsense } from '#finwait';\nexport default nonsense;",
    /cannot be loaded\.[\s\S]*nonsense/,
  ],
])('a file that is no experiment is named, without a stack: %s', async (name, text, sentence) => {
  const file = join(results, `${name}.ts`);
  writeFileSync(file, text);
  const { exitCode, stderr } = await finwait(['run', file, ...here]);
  expect(exitCode).toBe(70);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/\n {4}at /);
});

test('a finding that claims nothing is a mistake of whoever wrote it, told before any lab is built', async () => {
  const file = join(results, 'claims-nothing.ts');
  const text = `import { experiment, finding, limit, none } from '#finwait';
export default experiment({ title: 'x', article: 'connection-states', run: async () => {}, findings: {
  X1: finding('a statement', { 'with data': limit((run) => none('segments', run.segments(), [])) }),
} });`;
  writeFileSync(file, text);
  const { exitCode, stderr } = await finwait(['run', file, ...here]);
  expect(stderr).toMatch(
    /^finwait: experiment\(\) .*findings\.X1\.cases at least one case that is no limit\(…\).*claims-nothing\.ts:2\)/,
  );
  expect(exitCode).toBe(64);
  expect(existsSync(join(results, 'claims-nothing'))).toBe(false);
});

test('a wait that is over names what it waited for, and the line of the script', async () => {
  const { exitCode, stdout } = await finwait(['run', fixture('waits'), '--json', ...here]);
  expect(exitCode).toBe(70);
  const [run] = readDocument(stdout).runs;
  const line =
    readFileSync(fixture('waits'), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('.event(')) + 1;
  expect(run?.error).toEqual({
    code: 'ETIMEOUT',
    message: `Waited 0.2 s for 'data' of socket-1 in client, and it did not come. (test/fixtures/experiments/waits.ts:${line})`,
  });
});

test('what a script does not await is done all the same', async () => {
  const { exitCode, stdout, stderr } = await finwait(['run', fixture('forgets'), '--json', ...here]);
  expect(stderr).not.toMatch(/fault|has failed/);
  expect(readDocument(stdout).runs[0]?.findings[0]).toMatchObject({ verdict: 'reproduced' });
  expect(exitCode).toBe(0);
});

test('doctor tells what this machine can do', async () => {
  const { stdout, exitCode } = await finwait(['doctor', '--json']);
  expect(exitCode).toBe(0);
  const { checks } = JSON.parse(String(stdout));
  expect(checks.filter(({ ok, optional }: { ok: boolean; optional?: boolean }) => !ok && !optional)).toEqual([]);
});
