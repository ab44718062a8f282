import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journalFile, journalGaps, openJournal } from './journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
let journal = '';
beforeAll(() => {
  const opened = openJournal(folder, '{"plan":1}');
  for (const [name, content] of written) opened.add(name, content);
  opened.close();
  journal = readFileSync(join(folder, journalFile), 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true }));

const written = [
  ['api.ndjson', 'one\n'],
  ['client.pcap', 'abc'],
  ['api.ndjson', 'two\n'],
  ['client.pcap', 'def'],
] as const;
const files = (changes: Record<string, string> = {}) =>
  new Map(
    Object.entries({ 'plan.json': '{"plan":1}', 'api.ndjson': 'one\ntwo\n', 'client.pcap': 'abcdef', ...changes }).map(
      ([name, text]) => [name, Buffer.from(text)],
    ),
  );
const reasons = (changes?: Record<string, string>, text = journal) =>
  journalGaps(text, files(changes)).map(({ reason }) => reason);

test('what was recorded agrees with its journal', () => expect(reasons()).toEqual([]));

test.each([
  ['api.ndjson', 'one\ntwx\n', 'from byte 4 on api.ndjson is not what the run recorded'],
  ['api.ndjson', 'two\none\n', 'from byte 0 on api.ndjson is not what the run recorded'],
  ['api.ndjson', 'one\n', 'from byte 4 on api.ndjson is not what the run recorded'],
  ['client.pcap', 'abcdefg', 'client.pcap holds more than the run recorded'],
  ['plan.json', '{"plan":2}', 'from byte 0 on plan.json is not what the run recorded'],
  ['ss-client.txt', 'of another run', 'ss-client.txt holds more than the run recorded'],
])('%s changed to %j', (name, text, reason) => expect(reasons({ [name]: text })).toEqual([reason]));

test('a journal that ends earlier vouches for less, and one that is damaged for nothing', () => {
  const lines = journal.split('\n');
  const shorter = `${lines.slice(0, 3).join('\n')}\n`;
  expect(reasons({ 'api.ndjson': 'one\n', 'client.pcap': 'abc' }, shorter)).toEqual([]);
  expect(reasons({}, shorter)).toEqual(['api.ndjson holds more than the run recorded']);
  expect(reasons({}, journal.slice(0, -3))).toEqual([`${journalFile} is cut short`]);
  expect(reasons({}, journal.replace('api', 'x y'))).toEqual([`line 2 of ${journalFile} is damaged`]);
  expect(reasons({}, '')).toEqual([`${journalFile} is cut short`]);
  expect(reasons({}, lines.toSpliced(2, 1).join('\n'))).toEqual([
    'from byte 4 on api.ndjson is not what the run recorded',
  ]);
});
