import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnosesPage } from './diagnoses-page.ts';
import { readTypes, vocabularyPage, vocabularyTypes } from './vocabulary-page.ts';

const doc = (name: string) => readFileSync(join(import.meta.dirname, '../docs', name), 'utf8');
const types = vocabularyTypes();
const views = ['view', 'host-view', 'connection-view'].flatMap((name) => namesIn(`src/verdict/view/${name}.ts`));
const exported = namesIn('src/finwait.ts');

/** Every name a file writes down. */
function namesIn(file: string): string[] {
  return readFileSync(join(import.meta.dirname, '..', file), 'utf8').match(/[A-Za-z_]\w*/g) ?? [];
}
const membersOf = (name: string) =>
  (types.find((type) => type.name === name)?.members ?? []).map((member) => member.name);
/** The words a page's tables and texts write as calls: `.listen(`, `cut(`. */
const callsIn = (text: string) =>
  new Set(
    [...text.matchAll(/`[^`\n]*`/g)].flatMap(([span]) =>
      [...span.matchAll(/(?:^`|[.\s])([a-z]\w*)\(/g)].map(([, name]) => name as string),
    ),
  );

test('docs/vocabulary.md is what the types say: when this fails, run `npm run vocabulary`', () => {
  expect(doc('vocabulary.md')).toBe(vocabularyPage());
});

test('docs/diagnoses.md is what the catalogue says: when this fails, run `npm run vocabulary`', () => {
  expect(doc('diagnoses.md')).toBe(diagnosesPage());
});

test('every word of the wire stands in docs/the-wire.md', () => {
  const told = callsIn(doc('the-wire.md'));
  expect(membersOf('WireControl').filter((name) => !told.has(name))).toEqual([]);
});

test('every word of hosts and processes stands in docs/writing-an-experiment.md', () => {
  const text = doc('writing-an-experiment.md');
  const words = ['Host', 'Process', 'NodeProcess', 'NodeSocket', 'NodeServer', 'RawCalls', 'Program', 'Script'].flatMap(
    membersOf,
  );
  const missing = words.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  expect(missing).toEqual([]);
});

test.each(['the-wire.md', 'writing-an-experiment.md'])('docs/%s calls nothing that there is not', (page) => {
  const known = new Set([
    ...types.flatMap(({ members }) => members.map(({ name }) => name)),
    ...views,
    ...exported,
    ...ofElsewhere,
  ]);
  expect([...callsIn(doc(page))].filter((name) => !known.has(name))).toEqual([]);
});
/** System calls the pages speak of. */
const ofElsewhere = ['fork', 'recv', 'connect'];

test('a type or a member without a comment is refused', () => {
  expect(() => readTypes('src/record/api-records.ts')).toThrow('has no comment that says what it is');
});
