import { expect, test } from 'vitest';
import { readApiLog, readWireLog } from './evidence.ts';

const drop = { type: 'drop', t: 1, frame: 1, operation: 1 };

test('a whole log has no gap', () => {
  expect(readWireLog(`${JSON.stringify(drop)}\n${JSON.stringify(drop)}\n`)).toEqual({
    records: [drop, drop],
    gaps: [],
  });
  expect(readApiLog('')).toEqual({ records: [], gaps: [] });
});

test('a log cut short keeps its whole lines and reports a gap', () => {
  const { records, gaps } = readWireLog(`${JSON.stringify(drop)}\n{"type":"dro`);
  expect(records).toEqual([drop]);
  expect(gaps).toEqual([{ witness: 'wire', reason: 'wire.ndjson is cut short in line 2' }]);
});

test('a line that is no record is a gap, and the rest is read', () => {
  const { records, gaps } = readApiLog(
    '{"type":"step","t":1,"step":1,"what":"x"}\nnonsense\n{"type":"unheard of","t":2}\n',
  );
  expect(records).toHaveLength(1);
  expect(gaps).toEqual([{ witness: 'api', reason: '2 of 3 lines of api.ndjson cannot be read, the first is line 2' }]);
});
