// The same experiments in both places: the same findings with the same verdicts, and no case that is decided otherwise.
// One that the machine was too slow for in one of them is left open there.
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { listExperiments, loadExperiment } from '../../src/script/catalogue.ts';
import type { JsonDocument } from '../../src/verdict/schema.ts';
import { isOfSlowMachine, readDocument, resultsFolder, runAll } from '../finwait.ts';
import { containers, docker } from './engine.ts';

const catalogue = listExperiments();
const results = resultsFolder();
let inDocker: JsonDocument;
let inNamespaces: JsonDocument;

beforeAll(async () => {
  inDocker = await decided('docker');
  // `npm test` has run all of them in namespaces before, and says where it has put the verdicts.
  const known = process.env.FINWAIT_VERDICTS;
  inNamespaces = known && existsSync(known) ? readDocument(readFileSync(known, 'utf8')) : await decided('namespaces');
}, 900_000);

const decided = async (place: 'docker' | 'namespaces') => {
  const run = await runAll(results, '--place', place);
  expect(run.exitCode, run.said).toBe(0);
  return run.document;
};

// The image has neither a JDK nor Go: what needs one is not applicable there, and its findings rest on the other experiments.
describe.each(catalogue)('$name', async ({ name, file }) => {
  const { needs = [] } = await loadExperiment({ file });
  const findingsIn = ({ runs }: JsonDocument) => runs.find(({ experiment }) => experiment === name)?.findings ?? [];
  const verdictsIn = (document: JsonDocument) => findingsIn(document).map(({ id, verdict }) => `${id}: ${verdict}`);
  const casesIn = (document: JsonDocument) =>
    new Map(findingsIn(document).flatMap(({ id, cases }) => cases.map((one) => [`${id}, ${one.name}`, one] as const)));
  if (needs.length > 0) {
    test('it is not applicable there, and says what the image lacks', () => {
      expect(findingsIn(inDocker)).not.toEqual([]);
      for (const { verdict, answer, cases } of findingsIn(inDocker)) {
        expect(verdict).toBe('not-applicable');
        expect(answer).toMatch(
          new RegExp(`^Not applicable: ${needs.join(' and ')} (is|are) not in the image of the containers\\.`),
        );
        expect([...new Set(cases.map(({ outcome }) => outcome))]).toEqual(['not-applicable']);
      }
    });
    return;
  }

  test('finding by finding, case by case, as in namespaces', () => {
    expect(verdictsIn(inDocker)).not.toEqual([]);
    expect(verdictsIn(inDocker)).toEqual(verdictsIn(inNamespaces));
    const [there, here] = [casesIn(inDocker), casesIn(inNamespaces)];
    expect([...there.keys()]).toEqual([...here.keys()]);
    const otherwise = [...there].flatMap(([name, one]) => {
      const other = here.get(name) ?? one;
      if (one.outcome === other.outcome || isOfSlowMachine(one) || isOfSlowMachine(other)) return [];
      return [`${name}: ${one.outcome} on Docker (${one.actual}), ${other.outcome} in namespaces (${other.actual})`];
    });
    expect(otherwise, otherwise.join('\n')).toEqual([]);
  });
});

test('it says where it ran, and with what', () => {
  for (const { environment } of inDocker.runs) {
    expect(environment.place).toBe('docker');
    expect([environment.node, environment.iproute2, environment.tcpdump]).not.toContain('unknown');
  }
});

test('no container, no volume is left', async () => {
  const mine = (await containers('--all')).filter((name) => /^finwait-\d+-/.test(name));
  expect(mine).toEqual([]);
  expect(await docker('volume', 'ls', '--quiet', '--filter', 'label=finwait.lab')).toBe('');
});
