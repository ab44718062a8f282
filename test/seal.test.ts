// A recorded run whose evidence was changed afterwards: what the seal says, and what the witnesses say against each
// other where the seal is gone or made anew over the changed files.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Files, joined, readFiles, split, writeFiles } from '../scripts/mutations/evidence-files.ts';
import { type Mode, modes, prove } from '../scripts/mutations/reseal.ts';
import { analyze } from '../src/judge/analyze.ts';
import { keepConclusions } from '../src/judge/conclusions.ts';
import { seal as sealSchema } from '../src/recording/schema.ts';
import { loadExperiment } from '../src/script/catalogue.ts';
import { finwait, projectFolder, readDocument, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
const experiments = ['kill-nine', 'half-close'] as const;
const fileOf = { 'kill-nine': 'experiments/failure/kill-nine.ts', 'half-close': 'experiments/close/half-close.ts' };
let folder = '';
let files: Files = new Map();
let other: Files = new Map();

beforeAll(async () => {
  const { exitCode, stderr } = await finwait(['run', ...experiments, '--quiet', '--results', results]);
  expect(exitCode, String(stderr)).toBe(0);
  folder = runFolder(results, 'half-close');
  files = readFiles(folder);
  other = readFiles(runFolder(results, 'kill-nine'));
});

/** The run with some files instead of its own, its proofs as the mode has them, judged by the experiment that ran. */
const judged = async (
  changes: Record<string, Buffer | undefined>,
  mode: Mode,
  name: (typeof experiments)[number] = 'half-close',
) => {
  const changed = new Map(files);
  for (const [path, instead] of Object.entries(changes)) {
    if (instead) changed.set(path, instead);
    else changed.delete(path);
  }
  const copy = join(results, 'changed');
  rmSync(copy, { recursive: true, force: true });
  writeFiles(copy, prove(changed, mode, files));
  const { timeline, findings } = analyze(copy, await loadExperiment({ file: join(projectFolder, fileOf[name]) }));
  return { gaps: timeline.gaps.map(({ reason }) => reason), verdicts: findings.map(({ verdict }) => verdict) };
};

const content = (name: string): Buffer => files.get(name) as Buffer;
const recordsOf = (name: string) => split(name, content(name));
const without = (name: string, from: number, until?: number): Buffer => {
  const parts = recordsOf(name);
  return joined({ ...parts, records: parts.records.slice(from, until) });
};
const edited = (name: string, from: string | RegExp, to: string): Buffer => {
  const text = content(name).toString();
  expect(text).toMatch(from);
  return Buffer.from(text.replace(from, to));
};

test('the seal names every file of the recording and what the witnesses counted', async () => {
  const seal = sealSchema.parse(JSON.parse(content('seal.json').toString()));
  expect(Object.keys(seal.files)).toEqual([...files.keys()].filter((name) => name !== 'seal.json').sort());
  expect(seal).toMatchObject({ experiment: 'half-close', source: 'source/half-close.ts' });
  expect(content(seal.source).toString()).toBe(readFileSync(join(projectFolder, fileOf['half-close']), 'utf8'));
  expect(seal.counts).toEqual({
    client: { packets: recordsOf('client.pcap').records.length, samples: recordsOf('ss-client.txt').records.length },
    server: { packets: recordsOf('server.pcap').records.length, samples: recordsOf('ss-server.txt').records.length },
    deliveries: content('wire.ndjson')
      .toString()
      .match(/"type":"deliver"/g)?.length,
    apiRecords: recordsOf('api.ndjson').records.length,
    wireRecords: recordsOf('wire.ndjson').records.length,
  });
  expect(await judged({}, 'sealed')).toEqual({ gaps: [], verdicts: ['reproduced', 'reproduced'] });
});

test('any file that was changed, taken away or added is named', async () => {
  for (const name of [...files.keys()].filter((one) => one !== 'seal.json')) {
    const { gaps, verdicts } = await judged({ [name]: Buffer.concat([content(name), Buffer.from(' \n')]) }, 'sealed');
    expect(gaps).toContain(`${name} is not the file the run recorded`);
    expect(verdicts).toEqual(['inconclusive', 'inconclusive']);
  }
  const gone = await judged({ 'client.pcap': undefined }, 'sealed');
  expect(gone.gaps).toContain('client.pcap is not the file the run recorded');
  expect(gone.verdicts).toEqual(['inconclusive', 'inconclusive']);
  const seal = JSON.parse(content('seal.json').toString());
  delete seal.files['client.pcap'];
  const unsealed = await judged({ 'seal.json': Buffer.from(JSON.stringify(seal)) }, 'sealed');
  expect(unsealed.gaps).toEqual(['client.pcap is none of the files the run recorded']);
  const damaged = await judged({ 'seal.json': Buffer.from('{"files":{}}') }, 'sealed');
  expect(damaged.gaps).toEqual(['seal.json is damaged, so that nothing shows which files the run recorded']);
  expect(damaged.verdicts).toEqual(['inconclusive', 'inconclusive']);
});

test('without a seal, what rests on an end is open, and the run says so; without a journal as well, everything is', async () => {
  const { gaps, verdicts } = await judged({}, 'unsealed');
  expect(gaps).toContain('the run has no seal: nothing shows that its last record in client.pcap is the last it made');
  for (const verdict of verdicts) expect(['reproduced', 'inconclusive']).toContain(verdict);
  const bare = await judged({ 'journal.txt': undefined }, 'unsealed');
  expect(bare.gaps).toContain('journal.txt is missing, so that nothing shows what the run recorded');
  expect(bare.verdicts).toEqual(['inconclusive', 'inconclusive']);
});

describe('whatever became of seal and journal, the witnesses contradict each other', () => {
  const lastFrame = () => {
    const lines = content('wire.ndjson').toString().trimEnd().split('\n');
    const last = Math.max(...lines.map((line) => JSON.parse(line).frame ?? 0));
    return Buffer.from(
      lines
        .filter((line) => JSON.parse(line).frame !== last)
        .join('\n')
        .concat('\n'),
    );
  };
  const twoThirds = (name: string) => without(name, 0, Math.floor((recordsOf(name).records.length * 2) / 3));
  const cases: [string, () => Record<string, Buffer>, RegExp, (typeof experiments)[number]?][] = [
    [
      'client.pcap and server.pcap exchanged',
      () => ({ 'client.pcap': content('server.pcap'), 'server.pcap': content('client.pcap') }),
      /^the captures show \d+ segments arriving before being sent: client.pcap and server.pcap are exchanged/,
    ],
    [
      'the last packet gone from both captures and the wire',
      () => ({
        'client.pcap': without('client.pcap', 0, -1),
        'server.pcap': without('server.pcap', 0, -1),
        'wire.ndjson': lastFrame(),
      }),
      /^client.pcap holds \d+ packets, and tcpdump counted \d+/,
    ],
    [
      'the last third of the samples gone from both hosts',
      () => ({ 'ss-client.txt': twoThirds('ss-client.txt'), 'ss-server.txt': twoThirds('ss-server.txt') }),
      /^in lockstep, and ss-client.txt has no sample before and after frame \d+/,
    ],
    [
      'plan.json renamed to another experiment',
      () => ({ 'plan.json': edited('plan.json', /"half-close"/, '"kill-nine"') }),
      /^plan.json is of the experiment 'kill-nine', and api.ndjson of 'half-close'/,
    ],
    [
      'plan.json of another run',
      () => ({ 'plan.json': other.get('plan.json') as Buffer }),
      /^plan.json is of the experiment 'kill-nine', and api.ndjson of 'half-close'/,
      'kill-nine',
    ],
    [
      'the samples of the hosts exchanged',
      () => ({ 'ss-client.txt': content('ss-server.txt'), 'ss-server.txt': content('ss-client.txt') }),
      /^sample \d+ of ss-client.txt shows a socket of the server/,
    ],
    [
      'captures of another run',
      () => ({ 'client.pcap': other.get('client.pcap') as Buffer, 'server.pcap': other.get('server.pcap') as Buffer }),
      /frames that the host sent cannot be found in client.pcap/,
    ],
    [
      'a socket that goes back to an earlier state',
      () => {
        const parts = recordsOf('ss-client.txt');
        const at = parts.records.findLastIndex((record) => record.toString().includes('\nFIN-WAIT-2 '));
        const record = String(parts.records[at]).replace('\nFIN-WAIT-2 ', '\nESTAB      ');
        return { 'ss-client.txt': joined({ ...parts, records: parts.records.with(at, Buffer.from(record)) }) };
      },
      /^by sample \d+ of ss-client.txt a socket went from FIN-WAIT-2 to ESTABLISHED/,
    ],
  ];
  test.each(cases.flatMap(([what, ...rest]) => modes.map((mode) => ({ what, mode, rest }))))(
    '$what ($mode)',
    async ({ mode, rest: [change, reason, name] }) => {
      const { gaps, verdicts } = await judged(change(), mode, name);
      expect(gaps).toContainEqual(expect.stringMatching(reason));
      expect(new Set(verdicts)).toEqual(new Set(['inconclusive']));
    },
  );
});

describe('judged by the source that ran', () => {
  const own = join(results, 'own', 'half-close.ts');
  let run = '';
  beforeAll(async () => {
    cpSync(join(projectFolder, fileOf['half-close']), own, { recursive: true });
    const { exitCode } = await finwait(['run', own, '--quiet', '--results', join(results, 'of-own')]);
    expect(exitCode).toBe(0);
    run = runFolder(join(results, 'of-own'), 'half-close');
  });
  const verdictsOf = (stdout: unknown) =>
    readDocument(stdout as string).runs.flatMap(({ findings }) =>
      findings.map(({ id, verdict }) => `${id} ${verdict}`),
    );

  test("today's experiment, where it is the same", async () => {
    const { stdout, stderr, exitCode } = await finwait(['analyze', run, '--json']);
    expect(verdictsOf(stdout)).toEqual(['D4 reproduced', 'E4 reproduced']);
    expect(stderr).toBe('Timeline and verdicts equal the stored ones.');
    expect(exitCode).toBe(0);
  });

  test("and the run's own where today's is another, which is said; and in the page", async () => {
    writeFileSync(own, readFileSync(own, 'utf8').replace('D4:', 'D5:'));
    const { stdout, stderr } = await finwait(['analyze', run, '--json']);
    expect(verdictsOf(stdout)).toEqual(['D4 reproduced', 'E4 reproduced']);
    expect(stderr).toBe(
      `Judged by the experiment as it was when the run was made (source/half-close.ts in its folder): today's (${own}) is another.\nTimeline and verdicts equal the stored ones.`,
    );
    expect(await finwait(['export', run, '--format', 'report'])).toMatchObject({ exitCode: 0 });
    const page = readFileSync(join(run, 'report.html'), 'utf8');
    expect(page).toContain('"differs":true');
    expect(page).toContain('D4: staged');
    const today = await finwait(['analyze', run, '--json', '--today']);
    expect(verdictsOf(today.stdout)).toEqual(['D5 reproduced', 'E4 reproduced']);
  });

  test('a plan that names a file of its own folder as the experiment has nothing of it run by --today', async () => {
    const foreign = join(results, 'foreign');
    cpSync(run, foreign, { recursive: true });
    const trace = join(results, 'trace-of-plan');
    const program = join(foreign, 'half-close.ts');
    writeFileSync(
      program,
      `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(trace)}, 'was here');\n`,
    );
    const plan = readFileSync(join(foreign, 'plan.json'), 'utf8');
    writeFileSync(join(foreign, 'plan.json'), plan.replace(/"file": "[^"]*"/, `"file": ${JSON.stringify(program)}`));
    const { exitCode } = await finwait(['analyze', foreign, '--json', '--today']);
    expect(existsSync(trace)).toBe(false);
    expect(exitCode).toBe(2);
  });

  test('a copy that is not the one sealed is not run', async () => {
    const harmed = join(results, basename(run));
    cpSync(run, harmed, { recursive: true });
    const trace = join(results, 'trace');
    const copy = join(harmed, 'source/half-close.ts');
    const code = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(trace)}, 'was here');\n`;
    writeFileSync(copy, code + readFileSync(copy, 'utf8'));
    const { stdout, stderr, exitCode } = await finwait(['analyze', harmed, '--json']);
    expect(existsSync(trace)).toBe(false);
    expect(String(stderr)).toContain("Judged by today's experiment: no seal shows which source the run was made with.");
    expect(verdictsOf(stdout)).toEqual(['D5 inconclusive', 'E4 inconclusive']);
    expect(exitCode).toBe(2);
  });
});

describe('what is shown of a run is what follows from its evidence', () => {
  const copyOf = (name: string) => {
    const copy = join(results, 'shown', name, 'half-close', 'latest');
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true });
    return copy;
  };
  const verdictsIn = (xml: unknown) =>
    [...String(xml).matchAll(/name="verdict" value="(\w+)"/g)].map(([, word]) => word);
  const forge = (file: string) => {
    const text = readFileSync(file, 'utf8');
    const forged = text.replaceAll('"reproduced"', '"refuted"').replaceAll('"TIME-WAIT"', '"CLOSE-WAIT"');
    expect(forged).not.toBe(text);
    writeFileSync(file, forged);
  };
  const asJunit = (path: string) => finwait(['export', path, '--format', 'junit']);

  test('what it stored, where nothing has changed', async () => {
    const { stdout, stderr } = await asJunit(copyOf('whole'));
    expect([stderr, verdictsIn(stdout)]).toEqual(['', ['reproduced', 'reproduced']]);
  });

  test.each(['result.json', 'timeline.json'])('%s edited: it is concluded anew', async (name) => {
    const copy = copyOf(`edited-${name}`);
    forge(join(copy, name));
    const { stdout, stderr, exitCode } = await asJunit(copy);
    expect([exitCode, verdictsIn(stdout)]).toEqual([0, ['reproduced', 'reproduced']]);
    expect(stderr).toBe(`${copy} is concluded anew: ${name} is not what the run concluded.`);
    const covered = await finwait(['coverage', '--json', '--results', join(copy, '../..')]);
    expect(covered.stderr).toBe(stderr);
    expect(String(covered.stdout)).toContain('TIME-WAIT');
  });

  test.each([
    [['result.json'], 'result.json is not what the run concluded'],
    [['timeline.json'], 'timeline.json is not what the run concluded'],
    [['timeline.json', 'result.json'], 'timeline.json and result.json are not what the run concluded'],
  ])('%s edited: analyze names it, and is no less sure of what it computes', async (names, words) => {
    const copy = copyOf('edited');
    for (const name of names) forge(join(copy, name));
    const { stdout, stderr, exitCode } = await finwait(['analyze', copy, '--quiet']);
    expect(stderr).toBe(`${words}: what is shown is computed anew from the evidence.`);
    expect(stdout).toContain('2 reproduced');
    expect(exitCode).toBe(0);
  });

  test.each([
    [['timeline.json'], 'The timeline computed now differs from'],
    [['timeline.json', 'result.json'], 'The timeline and the findings computed now differ from'],
  ])('%s as the run wrote it, and not what is computed now: a fault', async (names, words) => {
    const copy = copyOf('fault');
    for (const name of names) forge(join(copy, name));
    keepConclusions(copy, names);
    const { stderr, exitCode } = await finwait(['analyze', copy, '--quiet']);
    expect(stderr).toContain(words);
    expect(exitCode).toBe(70);
  });

  test('evidence edited: nothing is decided any more, on the page over all runs neither', async () => {
    const copy = copyOf('evidence');
    writeFileSync(join(copy, 'ss-client.txt'), edited('ss-client.txt', 'ESTAB', 'SYN-SENT'));
    const { stdout, stderr } = await asJunit(copy);
    expect(verdictsIn(stdout)).toEqual(['inconclusive', 'inconclusive']);
    expect(stderr).toBe(`${copy} is concluded anew: ss-client.txt is not the file the run recorded.`);
    const report = await finwait(['report', '--no-open', '--results', join(copy, '../..')]);
    expect([report.exitCode, report.stderr]).toEqual([0, stderr]);
    const page = readFileSync(String(report.stdout), 'utf8');
    expect(page).toContain('inconclusive');
    expect(readFileSync(join(copy, 'report.html'), 'utf8')).toContain('"verdict":"inconclusive"');
  });

  test('a run that broke off before it was judged', async () => {
    const copy = copyOf('broken-off');
    for (const name of ['seal.json', 'timeline.json', 'result.json', 'conclusions.json', 'report.html'])
      rmSync(join(copy, name));
    const { stdout, stderr, exitCode } = await asJunit(copy);
    expect([exitCode, verdictsIn(stdout)]).toEqual([0, ['inconclusive', 'inconclusive']]);
    expect(stderr).toContain('is concluded anew: the run broke off before its evidence was sealed.');
  });

  test.each([
    ['a pipe', (path: string) => execa('mkfifo', [path]), 'is no regular file'],
    ['a device', (path: string) => execa('ln', ['-s', '/dev/zero', path]), 'is no regular file'],
    ['a folder', (path: string) => execa('mkdir', [path]), 'is no regular file'],
    ['a file of a terabyte', (path: string) => execa('truncate', ['-s', '1T', path]), 'is too large to be read'],
  ])('%s in the place of each file: a sentence, and nothing waits or fills the memory', async (what, make, words) => {
    for (const name of ['client.pcap', 'api.ndjson', 'ss-server.txt', 'journal.txt', 'seal.json', 'result.json']) {
      // The hash of a terabyte is asked for where the seal names the file.
      if (what.includes('terabyte') && name !== 'journal.txt' && name !== 'seal.json' && name !== 'result.json')
        continue;
      const copy = copyOf('strange');
      rmSync(join(copy, name));
      await make(join(copy, name));
      const { stdout, stderr, exitCode } = await finwait(['analyze', copy, '--full']);
      if (name === 'result.json') expect(stderr).toContain('Nothing to compare with');
      else expect([exitCode, `${stdout}`.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(words)]);
    }
  });

  test('what somebody put beside the evidence is told, and changes nothing', async () => {
    const copy = copyOf('beside');
    writeFileSync(join(copy, 'notes.txt'), 'mine');
    const { stderr, exitCode } = await finwait(['analyze', copy, '--quiet']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('No file the run recorded, and nothing rests on it: notes.txt.');
  });
});
