import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { currentBundle, stampOf } from './bundle.mjs';

const folder = mkdtempSync(join(tmpdir(), 'finwait-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(folder, 'source.ts');
const file = relative(root, source);

test('a bundle runs until one of its sources changes or goes away', () => {
  expect(currentBundle(folder)).toBeUndefined();
  writeFileSync(source, 'one');
  writeFileSync(join(folder, 'current.json'), JSON.stringify({ folder: 'newest', inputs: [[file, stampOf(file)]] }));
  expect(currentBundle(folder)).toBe(join(folder, 'newest'));
  writeFileSync(source, 'another');
  expect(currentBundle(folder)).toBeUndefined();
  rmSync(source);
  expect(currentBundle(folder)).toBeUndefined();
});

test('a damaged note of the bundle is no bundle', () => {
  writeFileSync(join(folder, 'current.json'), '{"folder":');
  expect(currentBundle(folder)).toBeUndefined();
});
