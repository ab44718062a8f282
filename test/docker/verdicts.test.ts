// The same experiments in both places: the same findings, and of each the same cases with the same outcomes.
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { listExperiments } from '../../src/run/catalogue.ts';
import type { JsonDocument } from '../../src/verdict/schema.ts';
import { readDocument, resultsFolder, runAll } from '../finwait.ts';
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
  expect(run.exitCode, run.stderr).toBe(0);
  return run.document;
};

describe.each(catalogue)('$name', ({ name }) => {
  const outcomes = (document: JsonDocument) => {
    const findings = document.runs.find(({ experiment }) => experiment === name)?.findings ?? [];
    return findings.flatMap(({ id, verdict, cases }) => [
      `${id}: ${verdict}`,
      ...cases.map((one) => `${id}, ${one.name}: ${one.outcome}`),
    ]);
  };
  test('finding by finding, case by case, as in namespaces', () => {
    expect(outcomes(inDocker)).not.toEqual([]);
    expect(outcomes(inDocker)).toEqual(outcomes(inNamespaces));
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
