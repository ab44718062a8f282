import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openRecorder } from './recorder.ts';

const folder = mkdtempSync(join(tmpdir(), 'finwait-recorder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what comes after the end is not written, neither here nor into what has the numbers of the closed files now', async () => {
  writeFileSync(join(folder, 'plan.json'), '{}');
  const recorder = openRecorder(folder);
  const heard: unknown[] = [];
  recorder.listen((record) => heard.push(record));
  recorder.api({ type: 'stage', t: 1, edge: 'note', text: 'before' });
  recorder.close();
  const others = Array.from({ length: 12 }, (_, nth) => join(folder, `other-${nth}`));
  for (const path of others) openSync(path, 'w');

  recorder.api({ type: 'stage', t: 2, edge: 'note', text: 'after' });
  recorder.wire({ type: 'drop', t: 2, frame: 1, operation: 1 });
  recorder.pcap('client', Buffer.from('after'));
  recorder.sample('server', 'late', {
    begin: 1,
    end: 2,
    realtime: 0,
    exit: 0,
    text: 'after',
    counters: { begin: 3, end: 4, values: {} },
  });
  recorder.close();

  expect(heard).toHaveLength(1);
  expect(readFileSync(join(folder, 'api.ndjson'), 'utf8')).toBe(
    '{"type":"stage","t":1,"edge":"note","text":"before"}\n',
  );
  for (const name of ['wire.ndjson', 'client.pcap', 'ss-server.txt']) expect(statSync(join(folder, name)).size).toBe(0);
  for (const path of others) expect(statSync(path).size).toBe(0);
  await expect(Promise.race([recorder.failed, Promise.resolve('no failure')])).resolves.toBe('no failure');
});
