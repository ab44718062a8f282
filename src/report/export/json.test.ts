import { expect, test } from 'vitest';
import { jsonDocument } from '../../verdict/schema.ts';
import { buildResult } from '../fixtures/build.ts';
import { closeResult } from '../fixtures/close.ts';
import { toJsonDocument } from './json.ts';

test('the document has one run per result and fits its schema', () => {
  const document = toJsonDocument([closeResult(), buildResult({ error: { message: 'No lab.', code: 'ELAB' } })]);
  expect(jsonDocument.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  expect(Object.keys(document)).toEqual(['schemaVersion', 'runs']);
  expect(Object.keys(document.runs[0] ?? {})).toEqual([
    'experiment',
    'folder',
    'environment',
    'durationMs',
    'findings',
  ]);
  expect(document.runs[1]?.error?.code).toBe('ELAB');
});
