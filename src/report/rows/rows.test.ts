import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../fixtures/build.ts';
import { closeTimeline } from '../fixtures/close.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { lanesOf } from './row.ts';
import { rowsOf } from './rows.ts';

const glyphs = glyphsFor({ unicode: true });
const idsOf = (rows: ReturnType<typeof rowsOf>) => rows.map(({ events }) => events.map(({ id }) => id).join(' '));

test('a call, what it sent and the states both led to share a row', () => {
  expect(idsOf(rowsOf(closeTimeline(), 'normal', glyphs))).toContain('e4 e5 e6 e7');
});

test('a state stands beside the segment that caused it, though ss saw it later', () => {
  expect(idsOf(rowsOf(closeTimeline(), 'normal', glyphs))).toContain('e8 e10');
});

test.each([closeTimeline(), simultaneousTimeline()])('the order within a lane is that of the events', (timeline) => {
  const rows = rowsOf(timeline, 'full', glyphs);
  for (const lane of lanesOf(['client', 'server'])) {
    const times = rows.flatMap(({ cells, at }) => (cells[lane] ? [at] : []));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

test.each([closeTimeline(), simultaneousTimeline()])('no event goes missing in full detail', (timeline) => {
  const shown = new Set(rowsOf(timeline, 'full', glyphs).flatMap(({ events }) => events.map(({ id }) => id)));
  expect([...shown].sort()).toEqual(timeline.events.map(({ id }) => id).sort());
});

test('a released segment and the state it causes share the row of its arrival', () => {
  expect(idsOf(rowsOf(simultaneousTimeline(), 'normal', glyphs))).toContain('e4 e10');
});

test('what Node does by itself stands beneath the call, and the FIN beside it', () => {
  const row = rowsOf(closeTimeline(), 'normal', glyphs).find(({ events }) => events[0]?.id === 'e21');
  expect(row?.cells.clientCalls?.text).toBe('↳ shutdown()');
  expect(row?.cells.wire?.text).toBe('F. 6:6(0) ack 1');
});

describe('noise', () => {
  const { call, add, done } = buildTimeline();
  call(1, 1, 'client', 'readStart', [], { by: 'node' });
  add(2, 1, { kind: 'process', host: 'client', process: 'client', edge: 'start', pid: 12 });
  call(3, 1, 'client', 'pause');
  const timeline = done();
  test("leaves out Node's own reading", () => expect(idsOf(rowsOf(timeline, 'normal', glyphs))).toEqual(['e3']));
  test('but not in full detail', () => expect(idsOf(rowsOf(timeline, 'full', glyphs))).toEqual(['e1', 'e2', 'e3']));
});

test('a process is named where another begins to speak', () => {
  const { call, done } = buildTimeline();
  call(1, 1, 'server', 'close', [5], { process: 'server' });
  call(2, 2, 'server', 'close', [5], { process: 'child' });
  call(3, 3, 'server', 'close', [6], { process: 'child' });
  call(4, 4, 'server', 'close', [6], { process: 'server' });
  const texts = rowsOf(done(), 'normal', glyphs).map(({ cells }) => cells.serverCalls?.text);
  expect(texts).toEqual(['close(5)', 'child: close(5)', 'close(6)', 'server: close(6)']);
});

test('what a program prints in one go takes one row', () => {
  const { add, done } = buildTimeline();
  const output = (ms: number, text: string) =>
    add(ms, 1, { kind: 'output', host: 'server', process: 'server', stream: 'stdout', text });
  output(1, 'Ready\n');
  output(2, 'to accept\n');
  output(3, 'connections\n');
  const rows = rowsOf(done(), 'normal', glyphs);
  expect(idsOf(rows)).toEqual(['e1 e2 e3']);
  expect(rows[0]?.cells.serverCalls).toMatchObject({ text: 'Ready', notes: ['and 2 more'] });
});

test('a queue that has come to hold something is told where it was seen', () => {
  const { call, state, done } = buildTimeline();
  call(1, 1, 'client', 'write', ['hello']);
  state(2, 1, 'server', 'ESTABLISHED', 'CLOSE-WAIT');
  const row = { recvQ: 6, sendQ: 0, inode: 0, cookie: '', info: {}, raw: '', state: 'CLOSE-WAIT' as const };
  const local = { address: '192.0.2.2', port: 50000 };
  const peer = { address: '192.0.2.1', port: 40000 };
  const sample = { id: 's1', host: 'server' as const, begin: 3e6, end: 4e6, ok: true, rows: [{ ...row, local, peer }] };
  const told = (reason: string) =>
    rowsOf({ ...done(), samples: [{ ...sample, reason }] }, 'normal', glyphs)[1]?.cells.serverState?.notes;
  expect(told('step 1')).toEqual(['Recv-Q 6']);
  expect(told('after frame 1')).toEqual([]);
});
