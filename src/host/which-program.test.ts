import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { whichProgram } from './which-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'tests-of-finwait-'));
afterAll(() => rmSync(folder, { recursive: true }));
const node = join(folder, 'node');
writeFileSync(node, '#!/bin/sh\necho v0.0.1\n');
chmodSync(node, 0o755);
writeFileSync(join(folder, 'text'), 'no program');

test('a name is looked for along PATH; a Node tells its version', async () => {
  expect(await whichProgram('node', { PATH: `/no/such/folder:${folder}:/usr/bin` })).toEqual({
    path: node,
    version: 'v0.0.1',
  });
  expect(await whichProgram('sh', { PATH: `${folder}:/bin` })).toEqual({ path: '/bin/sh' });
});

test('a path is what it says, seen from the folder the program starts in', async () => {
  expect(await whichProgram('./node', {}, folder)).toEqual({ path: node, version: 'v0.0.1' });
  expect(await whichProgram(process.execPath, {})).toEqual({ path: process.execPath, version: process.version });
});

test('what cannot be run is no program', async () => {
  expect(await whichProgram('text', { PATH: folder })).toBeUndefined();
  expect(await whichProgram('node', {})).toBeUndefined();
});
