// Stepping by hand, through a real terminal: each key does what the page says, what is done by hand is recorded, and
// the terminal is left as it was.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { plan as planSchema } from '../src/recording/schema.ts';
import { timeline as timelineSchema } from '../src/timeline/schema.ts';
import { finwait, fixture, program, readResult, readTimeline, resultsFolder, runFolder } from './finwait.ts';
import { inPseudoTerminal, type PseudoTerminal } from './pseudo-terminal.ts';

const size = { columns: 100, rows: 44 };
let terminal: PseudoTerminal | undefined;
afterEach(() => terminal?.kill());

const stepIn = (experiment: string, results: string) => {
  terminal = inPseudoTerminal([process.execPath, program, 'step', experiment, '--results', results], size);
  return terminal;
};
const frameOf = (screen: string) => Number(/^ frame (\d+) ·/m.exec(screen)?.[1]);

test('without a terminal it is refused, and the remedy named', async () => {
  const { exitCode, stderr } = await finwait(['step', 'close-both-sides']);
  expect(exitCode).toBe(64);
  expect(stderr).toContain('`finwait run close-both-sides`');
});

test('delivering segment by segment, through a whole close to the report', async () => {
  const results = resultsFolder();
  const { until, press, ended } = stepIn('close-both-sides', results);
  let frame = 0;
  let count = 0;
  const seen = new Set<string>();
  // Kernels send again what waits too long: how many segments there will be is not known before.
  for (;;) {
    const next = new RegExp(`^ frame (?!${frame} )\\d+ ·`, 'm');
    const screen = await until(next).catch(() => undefined);
    if (screen === undefined) break;
    for (const [state] of screen.matchAll(/\b(SYN-SENT|ESTABLISHED|FIN-WAIT-1|CLOSE-WAIT|LAST-ACK|TIME-WAIT)\b/g))
      seen.add(state);
    expect(screen).toContain('about to be delivered');
    frame = frameOf(screen);
    count++;
    press(' ');
  }
  const { text, exitCode, before, after } = await ended();
  expect(count).toBeGreaterThanOrEqual(14);
  expect([...seen].sort()).toEqual(['CLOSE-WAIT', 'ESTABLISHED', 'FIN-WAIT-1', 'LAST-ACK', 'SYN-SENT', 'TIME-WAIT']);
  expect([0, 2]).toContain(exitCode);
  expect(text).toContain('stepped by hand');
  expect(text).toContain('Findings');
  expect(after).toBe(before);

  const folder = runFolder(results, 'close-both-sides');
  const timeline = readTimeline(folder);
  const segments = timeline.events.filter((event) => event.kind === 'segment');
  expect(segments.map(({ fate }) => fate)).toEqual(segments.map(() => 'delivered'));
  expect(timeline.gaps).toEqual([]);
  expect(readResult(folder).environment.stepped).toBe(true);
  expect(planSchema.parse(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))).stepped).toBe(true);
});

test('a segment dropped by hand is sent again, and the record says by whom it was dropped', async () => {
  const results = resultsFolder();
  const { until, press, ended } = stepIn('close-both-sides', results);
  const first = await until(/^ because e\d+ .* client connect\([\s\S]*: client resends SYN (in|now)/m);
  expect(first).toMatch(/client {2}S 0:0\(0\) ─+► {2}server/);
  press('x');
  await until(/S 0:0\(0\) · RTO: retransmission of e\d+[\s\S]*because the RTO timer of the client has fired/);
  press('e');
  await ended();
  const { events } = readTimeline(runFolder(results, 'close-both-sides'));
  const dropped = events.find((event) => event.kind === 'segment' && event.frame === 1);
  const again = events.find((event) => event.kind === 'segment' && event.role === 'retransmission');
  expect(dropped).toMatchObject({ fate: 'dropped', text: 'S 0:0(0)' });
  expect(again).toMatchObject({
    fate: 'delivered',
    retransmissionOf: dropped?.id,
    cause: { kind: 'timer', timer: 'on' },
  });
  expect(events.find((event) => event.kind === 'wire')).toMatchObject({
    operation: 'drop',
    args: { by: 'step', frame: 1 },
  });
});

test('a segment duplicated by hand: its copy waits for a key as well', async () => {
  const results = resultsFolder();
  const { until, press, ended } = stepIn('close-both-sides', results);
  await until(/^ frame 1 ·/m);
  press('d');
  const [, original] = /duplicate of (e\d+)/.exec((await pressUntil(/duplicate of e\d+/)) ?? '') ?? [];
  press('e');
  await ended();
  const { events } = readTimeline(runFolder(results, 'close-both-sides'));
  const copy = events.find((event) => event.kind === 'segment' && event.origin === 'duplicate');
  const operation = events.find((event) => event.kind === 'wire');
  expect(operation).toMatchObject({ operation: 'duplicate', args: { by: 'step', frame: 1 } });
  expect(copy).toMatchObject({ copyOf: original, text: 'S 0:0(0)', cause: { kind: 'wire', event: operation?.id } });

  /** The copy stands behind what was sent before it. */
  async function pressUntil(pattern: RegExp): Promise<string | undefined> {
    for (let frame = 1; ; press(' ')) {
      const screen = await until(new RegExp(`^ frame (?!${frame} )\\d+ ·`, 'm'));
      const complete = await until(/^ because/m);
      if (pattern.test(complete)) return complete;
      frame = frameOf(screen);
    }
  }
});

describe('running on by itself', () => {
  test('to the next call, then to a state; quitting keeps and judges what is recorded', async () => {
    const results = resultsFolder();
    const { until, press, ended, raw } = stepIn('close-both-sides', results);
    await until(/^ frame 1 ·/m);
    press('n');
    const call = await until(/about to be called[\s\S]*close-both-sides\.ts:\d+ {2}await socket\.end\(\);/);
    expect(call).toMatch(/^ ESTABLISHED .*│ ESTABLISHED/m);
    press('s');
    await until(/to the state: _/);
    press('fin-wait');
    await until(/to the state: fin-wait_\n → FIN-WAIT-1, FIN-WAIT-2/);
    press('-2\r');
    const state = await until(/FIN-WAIT-2 has come\./);
    expect(state).toMatch(/^ FIN-WAIT-2 .*│ CLOSE-WAIT/m);
    press('q');
    const { text, exitCode, before, after } = await ended();
    expect(exitCode).toBe(130);
    expect(text).toContain('The run was interrupted');
    expect(after).toBe(before);
    expect(raw().lastIndexOf('\x1b[?25h')).toBeGreaterThan(raw().lastIndexOf('\x1b[?25l'));
    const folder = runFolder(results, 'close-both-sides');
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['client.pcap', 'ss-server.txt', 'timeline.json', 'result.json']),
    );
    expect(readResult(folder)).toMatchObject({ interrupted: true, environment: { stepped: true } });
    expect(timelineSchema.safeParse(readTimeline(folder)).error).toBeUndefined();
  });
});

describe('the terminal is left as it was found', () => {
  test('after Ctrl-C', async () => {
    const { until, press, ended } = stepIn('close-both-sides', resultsFolder());
    await until(/^ frame 1 ·/m);
    press('\x03');
    const { exitCode, before, after } = await ended();
    expect(exitCode).toBe(130);
    expect(after).toBe(before);
  });

  test('after a script that throws', async () => {
    const { until, press, ended, raw } = stepIn(fixture('script-that-throws'), resultsFolder());
    await until(/^ frame 1 ·/m);
    press('e');
    const { text, exitCode, before, after } = await ended();
    expect(exitCode).toBe(70);
    expect(text).toContain('This script is meant to fail.');
    expect(after).toBe(before);
    expect(raw()).toContain('\x1b[?1049l');
  });
});
