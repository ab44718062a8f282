import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LabError } from './lab-error.ts';
import { makeScratch, startTime } from './scratch.ts';

const { TMPDIR } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'scratch-'));
beforeAll(() => {
  process.env.TMPDIR = folder;
});
afterEach(() => chmodSync(folder, 0o1777));
afterAll(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  rmSync(folder, { recursive: true });
});

test('each is its user’s alone, has a name nobody could know before, and goes away', () => {
  const [one, other] = [makeScratch(), makeScratch()];
  expect(one.folder).not.toBe(other.folder);
  for (const { folder: own } of [one, other]) {
    expect(basename(own)).toMatch(new RegExp(`^finwait-${process.pid}-${startTime(process.pid)}-\\w{6}$`));
    expect(lstatSync(own).mode & 0o777).toBe(0o700);
  }
  one.remove();
  other.remove();
  expect([one, other].filter((scratch) => existsSync(scratch.folder))).toEqual([]);
});

test('those of processes that are gone are removed, and nothing that only bears such a name', () => {
  const gone = join(folder, 'finwait-1-1-abcdef');
  const notOurs = ['finwait-x-1-abcdef', 'finwait-1-1-abcdefg', 'finwait-1-1', 'other'].map((name) =>
    join(folder, name),
  );
  const elsewhere = join(folder, 'kept');
  for (const path of [gone, ...notOurs, elsewhere]) mkdirSync(path);
  symlinkSync(elsewhere, join(folder, 'finwait-2-1-abcdef'));
  const { folder: own, remove } = makeScratch();
  expect(existsSync(gone)).toBe(false);
  expect([...notOurs, elsewhere, own].filter((path) => !existsSync(path))).toEqual([]);
  remove();
});

test('a folder in which everybody may rename is refused', () => {
  chmodSync(folder, 0o777);
  expect(makeScratch).toThrow(LabError);
  expect(makeScratch).toThrow(/everybody may rename what lies in/);
});
