// Every experiment of the catalogue, for real: one `finwait run all`, and then the judgement of what it left. Which
// verdict comes out is for the evidence to say; that each follows from its cases, and each case from the record, is
// what is tested.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mutate } from '../scripts/mutations/campaign.ts';
import { isOnPath } from '../scripts/setup/commands.mjs';
import type { Experiment } from '../src/experiment/experiment.ts';
import { userEnvironment } from '../src/host/user-environment.ts';
import { analyze } from '../src/judge/analyze.ts';
import { readEvidence } from '../src/recording/read-evidence.ts';
import { readPlan } from '../src/recording/read-plan.ts';
import { plan as planSchema } from '../src/recording/schema.ts';
import { listExperiments, loadExperiment } from '../src/script/catalogue.ts';
import { buildTimeline } from '../src/timeline/build.ts';
import { violations } from '../src/timeline/invariants/invariants.ts';
import { type Timeline, timeline as timelineSchema } from '../src/timeline/schema.ts';
import { judgeCase as judgeWhole } from '../src/verdict/judge-case.ts';
import { type CaseResult, type JsonDocument, jsonDocument, result as resultSchema } from '../src/verdict/schema.ts';
import { judge } from '../src/verdict/verdict.ts';
import { turnRound } from './doctoring.ts';
import { finwait, readDocument, readTimeline, resultsFolder, runAll, runFolder } from './finwait.ts';
import { removals } from './removing.ts';

const results = resultsFolder();
const catalogue = listExperiments();
const userPath = userEnvironment(process.env).PATH;
let run: Awaited<ReturnType<typeof runAll>>;
let document: JsonDocument;

beforeAll(async () => {
  run = await runAll(results);
  document = run.document;
  // For the tests on Docker, which compare.
  if (process.env.FINWAIT_VERDICTS) writeFileSync(process.env.FINWAIT_VERDICTS, JSON.stringify(document));
}, 400_000);

test('one document, of every experiment, and every finding decided', () => {
  expect(run.exitCode, run.said).toBe(0);
  expect(jsonDocument.parse(document)).toEqual(document);
  expect(document.runs.map(({ experiment }) => experiment).sort()).toEqual(catalogue.map(({ name }) => name).sort());
});

// What an experiment needs is on this machine's PATH, or none of its cases is applicable here.
describe.each(catalogue)('$name', async ({ name, file }) => {
  const { needs = [] } = await loadExperiment({ file });
  const lacking = needs.filter((program) => !isOnPath(program, userPath));
  const applicable = test.skipIf(lacking.length > 0);
  let definition: Experiment;
  let folder: string;
  let timeline: Timeline;
  const findings = () => document.runs.find(({ experiment }) => experiment === name)?.findings ?? [];

  beforeAll(async () => {
    definition = await loadExperiment({ file });
    folder = runFolder(results, name);
    timeline = readTimeline(folder);
  });

  test('the folder is complete and its documents are what their schemas say', () => {
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(files));
    expect(planSchema.safeParse(readJson(folder, 'plan.json')).error).toBeUndefined();
    expect(timelineSchema.safeParse(timeline).error).toBeUndefined();
    expect(resultSchema.safeParse(readJson(folder, 'result.json')).error).toBeUndefined();
  });

  if (lacking.length > 0)
    test(`skipped: not applicable, ${lacking.join(' and ')} is not on this machine`, () => {
      expect(findings().map(({ id }) => id)).toEqual(Object.keys(definition.findings));
      for (const { verdict, answer, cases } of findings()) {
        expect(verdict).toBe('not-applicable');
        expect(answer).toContain(`Not applicable: ${lacking.join(' and ')} `);
        for (const { outcome } of cases) expect(outcome).toBe('not-applicable');
      }
    });

  test('no witness was blind, and everything that happened has a cause', () => {
    expect(timeline.gaps).toEqual([]);
    const unexplained = timeline.events.filter(
      (event) =>
        (event.kind === 'segment' || event.kind === 'state') &&
        (event.cause === undefined || event.cause.kind === 'unknown'),
    );
    expect(unexplained).toEqual([]);
    const ids = new Set(timeline.events.map(({ id }) => id));
    expect(ids.size).toBe(timeline.events.length);
    for (const { cause } of timeline.events) if (cause && 'event' in cause) expect(ids).toContain(cause.event);
  });

  test('its conclusions do not contradict themselves', () => expect(violations(timeline)).toEqual([]));

  applicable('every finding is decided, by its cases, on evidence that is there', () => {
    expect(findings().map(({ id }) => id)).toEqual(Object.keys(definition.findings));
    const known = new Set([...timeline.events.map(({ id }) => id), ...timeline.samples.map(({ id }) => id)]);
    for (const { id, verdict, answer, cases } of findings()) {
      const defined = definition.findings[id]?.cases ?? {};
      expect(cases.map((one) => one.name).sort()).toEqual(Object.keys(defined).sort());
      for (const { name, role, why } of cases)
        expect([name, role, why]).toEqual([name, defined[name]?.role, defined[name]?.why]);
      expect(verdict, id).toBe(verdictOf(cases));
      expect(answer, id).toMatch(answers[verdict]);
      expect(isDeciding(verdict, cases[0]), `${id} begins with ${cases[0]?.name}`).toBe(true);
      expect(verdict, id).toMatch(/^(reproduced|refuted|conditional)$/);
      for (const { evidence, expected, actual } of cases) {
        expect(evidence.length).toBeGreaterThan(0);
        expect(evidence.filter((one) => !known.has(one))).toEqual([]);
        expect(expected && actual).toBeTruthy();
      }
    }
  });

  test('its files alone give the same timeline and the same verdicts', () => {
    const again = analyze(folder, definition);
    expect(plain(again.timeline)).toEqual(timeline);
    expect(again.findings).toEqual(findings());
  });

  applicable(
    'with a witness removed, whole or in part, no case that rests on it is decided, and none is decided otherwise',
    () => {
      const cases = Object.entries(definition.findings).flatMap(([id, finding]) =>
        Object.entries(finding.cases).map(([name, { predicate }]) => {
          const { check, looked } = judgeWhole(predicate, timeline);
          return { name: `${id}: ${name}`, predicate, check, looked };
        }),
      );
      const { evidence } = readEvidence(folder, readPlan(folder));
      const wrong = removals(evidence).flatMap((removal) => {
        const record = buildTimeline(removal.evidence);
        return cases.flatMap(({ name, predicate, check, looked }) => {
          const { outcome, actual } = judgeWhole(predicate, record).check;
          const isSame = outcome === check.outcome && withoutIds(actual) === withoutIds(check.actual);
          const isKept = isSame && !looked.some(removal.rests);
          return outcome === 'unknown' || isKept ? [] : `${name}, without ${removal.what}: ${outcome} (${actual})`;
        });
      });
      expect(wrong).toEqual([]);
    },
    120_000,
  );

  applicable(
    'every case that holds can fail: there is a doctored record in which it does',
    () => {
      const stuck = { held: [] as string[], failed: [] as string[] };
      for (const { id, cases } of findings()) {
        for (const recorded of cases) {
          const judgeAgain = (record: Timeline) => judgeCase(definition, id, recorded.name, record);
          expect(judgeAgain(timeline)).toEqual(recorded);
          if (!turnRound(recorded, timeline, judgeAgain))
            stuck[recorded.outcome as 'held' | 'failed'].push(`${id}: ${recorded.name}`);
        }
      }
      // The way back is not always one that doctoring finds: a case may ask for five segments at five times.
      if (stuck.failed.length > 0)
        console.info(`${name}: failed, and no doctored record was found in which it holds: ${stuck.failed.join('; ')}`);
      expect(stuck.held).toEqual([]);
    },
    60_000,
  );
});

test('`analyze` says that it comes to the same, and to what', async () => {
  const { exitCode, stderr, stdout } = await finwait(['analyze', runFolder(results, 'half-close'), '--json']);
  expect(stderr).toContain('Timeline and verdicts equal the stored ones.');
  expect(exitCode).toBe(0);
  expect(readDocument(stdout).runs[0]?.findings).toEqual(
    document.runs.find(({ experiment }) => experiment === 'half-close')?.findings,
  );
});

describe('a witness that is missing leaves the verdict open, and never refutes', () => {
  const damages: [string, (folder: string) => void][] = [
    [
      'tcpdump dropped packets',
      (folder) => edit(folder, 'api.ndjson', (text) => text.replace(/"droppedByKernel":0/, '"droppedByKernel":3')),
    ],
    [
      'tcpdump ended without a word',
      (folder) => edit(folder, 'api.ndjson', (text) => text.replace(/,"counts":\{[^}]*\}/, '')),
    ],
    ['a capture is cut short in the middle of a packet', (folder) => cut(folder, 'client.pcap', 0.6)],
    ['a capture is cut short after a packet', (folder) => cutAfterPacket(folder, 'server.pcap')],
    ['a capture is empty', (folder) => writeFileSync(join(folder, 'server.pcap'), '')],
    ['a capture is gone', (folder) => writeFileSync(join(folder, 'client.pcap'), Buffer.alloc(24))],
    ['ss failed in the middle', (folder) => edit(folder, 'ss-server.txt', (text) => failMiddleSample(text))],
    ['ss -E ended in the middle', (folder) => cut(folder, 'ss-destroyed-client.txt', 0.7)],
    [
      'the kernel dropped reports of ss -E',
      (folder) => edit(folder, 'ss-destroyed-server.txt', (text) => text.replace('drops=0', 'drops=2')),
    ],
    ['the samples of a host are gone', (folder) => writeFileSync(join(folder, 'ss-client.txt'), '')],
    [
      'a line of the calls is damaged',
      (folder) => edit(folder, 'api.ndjson', (text) => text.replace(/"type":"return"/, '"type":"retu')),
    ],
    ['the calls are cut short', (folder) => cut(folder, 'api.ndjson', 0.7)],
    [
      'a line of the wire is damaged',
      (folder) => edit(folder, 'wire.ndjson', (text) => text.replace(/"digest":"../, '"digest":"zz')),
    ],
    ['the wire is cut short', (folder) => cut(folder, 'wire.ndjson', 0.7)],
  ];
  test.each(damages)('%s', async (what, damage) => {
    const folder = join(results, 'damaged', what.replaceAll(' ', '-'));
    cpSync(runFolder(results, 'kill-nine'), folder, { recursive: true });
    damage(folder);
    const { exitCode, stdout, stderr } = await finwait(['analyze', folder, '--json']);
    const verdicts = readDocument(stdout).runs.flatMap(({ findings }) => findings.map(({ verdict }) => verdict));
    expect(verdicts, String(stderr)).toContain('inconclusive');
    expect(verdicts).not.toContain('refuted');
    expect(exitCode).toBe(2);
  });

  test('what is gone altogether is named', async () => {
    const folder = join(results, 'damaged', 'plan only');
    cpSync(join(runFolder(results, 'kill-nine'), 'plan.json'), join(folder, 'plan.json'), { recursive: true });
    const { exitCode, stdout, stderr } = await finwait(['analyze', folder, '--quiet']);
    expect(exitCode, String(stderr)).toBe(2);
    for (const name of ['client.pcap', 'ss-server.txt', 'ss-destroyed-server.txt', 'api.ndjson', 'wire.ndjson'])
      expect(String(stdout).replace(/\s+/g, ' ')).toContain(`${name} is missing`);
  });

  test('a damaged plan is a sentence, not a crash', async () => {
    const folder = join(results, 'damaged', 'plan');
    cpSync(runFolder(results, 'kill-nine'), folder, { recursive: true });
    for (const text of ['', '{', '[]', '{"schemaVersion":99}']) {
      writeFileSync(join(folder, 'plan.json'), text);
      const { exitCode, stderr } = await finwait(['analyze', folder]);
      expect(String(stderr)).toMatch(/^finwait: .*plan\.json/);
      expect(String(stderr)).not.toMatch(/ at .*\(.*:\d+:\d+\)/);
      expect(exitCode).toBe(64);
    }
  });
});

test('mutations of these runs end with no verdict that the untouched run did not have', async () => {
  const small = [
    'kill-nine',
    'half-close',
    'simultaneous-close',
    'accept-and-exchange',
    'restart-during-cut',
    'syn-dropped',
  ];
  const { mutations, wrong } = await mutate({
    runs: small.map((name) => runFolder(results, name)),
    count: 240,
    seed: 1,
    modes: ['sealed', 'unsealed', 'resealed'],
    scratch: join(results, 'mutations'),
  });
  expect(mutations).toBe(240);
  expect(wrong).toEqual([]);
});

const files = [
  'api.ndjson',
  'client.pcap',
  'counters-client.ndjson',
  'counters-server.ndjson',
  'journal.txt',
  'plan.json',
  'result.json',
  'seal.json',
  'server.pcap',
  'source',
  'ss-client.txt',
  'ss-destroyed-client.txt',
  'ss-destroyed-server.txt',
  'ss-server.txt',
  'timeline.json',
  'wire.ndjson',
];

const readJson = (folder: string, name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** Events are numbered anew where some are gone. */
const withoutIds = (text: string) => text.replaceAll(/\be\d+/g, '');

/** As it would stand in a file. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/**
 * The rule itself, once more: of the claims all held, none, some; a claim that is unknown, or a control that does not
 * hold, leaves it open.
 */
const verdictOf = (cases: CaseResult[]) => {
  const claims = cases.filter(({ role }) => role === 'claim');
  const held = claims.filter(({ outcome }) => outcome === 'held').length;
  const failed = claims.filter(({ outcome }) => outcome === 'failed').length;
  const isSound = cases.every(({ role, outcome }) => role !== 'control' || outcome === 'held');
  if (!isSound || claims.length === 0 || held + failed < claims.length) return 'inconclusive';
  return failed === 0 ? 'reproduced' : held === 0 ? 'refuted' : 'conditional';
};

/** How the sentence of answer begins. */
const answers = {
  reproduced: /^True\b.*\.$/,
  conditional: /^Partly: true .*; not .*\.$/,
  refuted: /^False on this kernel\b.*: .*\.$/,
  inconclusive: /^Not decided: .*\.$/,
  'not-applicable': /^Not applicable: .*\.$/,
};

/** The case that comes first is one the verdict rests on. */
const isDeciding = (verdict: string, first: CaseResult | undefined) =>
  first?.role === 'claim' && first.outcome === (verdict === 'reproduced' ? 'held' : 'failed');

const judgeCase = ({ findings }: Experiment, id: string, name: string, record: Timeline): CaseResult | undefined => {
  const { statement, cases } = findings[id] as Experiment['findings'][string];
  const [judged] = judge({ [id]: { statement, cases: { [name]: cases[name] as (typeof cases)[string] } } }, record);
  return judged?.cases[0];
};

const edit = (folder: string, name: string, change: (text: string) => string): void => {
  const path = join(folder, name);
  const text = readFileSync(path, 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
};

const cut = (folder: string, name: string, part: number): void => {
  const path = join(folder, name);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * part)));
};

/** Only the last packet is missing: the file itself shows nothing of it. */
const cutAfterPacket = (folder: string, name: string): void => {
  const path = join(folder, name);
  const bytes = readFileSync(path);
  let last = 24;
  for (let next = last; next < bytes.length; next += 16 + bytes.readUInt32LE(next + 8)) last = next;
  writeFileSync(path, bytes.subarray(0, last));
};

const failMiddleSample = (text: string): string => {
  const [first, ...rest] = text.split(/^(?=# sample )/m);
  const middle = Math.floor(rest.length / 2);
  return [first, ...rest.map((sample, index) => (index === middle ? sample.replace('exit=0', 'exit=1') : sample))].join(
    '',
  );
};

test('the folder of the newest run is linked', () => {
  expect(existsSync(join(results, 'latest', 'result.json'))).toBe(true);
  for (const { name } of catalogue) expect(existsSync(join(results, name, 'latest', 'result.json'))).toBe(true);
});
