import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../fixtures/build.ts';
import { closeResult, closeTimeline } from '../fixtures/close.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import type { Screen } from '../words/screen.ts';
import { columns } from '../words/text.ts';
import { type Detail, renderReport } from './terminal.ts';

const screen = (width: number, more: Partial<Screen> = {}): Screen => ({
  width,
  isTerminal: true,
  colour: false,
  unicode: true,
  ...more,
});
const render = (on: Screen, detail: Detail = 'normal', timeline = closeTimeline()) =>
  renderReport({ timeline, result: closeResult(), screen: on, detail });

describe('the report of an ordinary connection', () => {
  test.each([80, 120, 160])('at %d columns', async (width) => {
    await expect(render(screen(width))).toMatchFileSnapshot(`fixtures/close-${width}.txt`);
  });

  test('in a pipe', async () => {
    await expect(render(screen(100, { isTerminal: false }))).toMatchFileSnapshot('fixtures/close-pipe.txt');
  });

  test('in ASCII has nothing but ASCII', async () => {
    const text = render(screen(140, { unicode: false }));
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(text).toMatchFileSnapshot('fixtures/close-ascii.txt');
  });

  test('names the first of much evidence, and how much more there is', () => {
    const result = closeResult();
    const [one] = result.findings.flatMap(({ cases }) => cases);
    if (one) one.evidence = Array.from({ length: 100 }, (_, index) => `e${index}`);
    const text = renderReport({ timeline: closeTimeline(), result, screen: screen(160), detail: 'normal' });
    expect(text).toContain('e39 and 60 more');
    expect(text).not.toContain('e40');
  });

  test('with every sample of ss', () => {
    const row = {
      state: 'CLOSE-WAIT' as const,
      recvQ: 1,
      sendQ: 0,
      local: { address: '192.0.2.2', port: 50000 },
      peer: { address: '192.0.2.1', port: 40000 },
      inode: 0,
      cookie: '',
      timer: { name: 'keepalive' as const, expiresMs: 1200, resolutionMs: 1, retransmits: 3 },
      info: {},
      raw: '',
    };
    const sample = {
      id: 's1',
      host: 'server' as const,
      begin: 1e6,
      end: 4e6,
      reason: 'before frame 1',
      ok: true,
      rows: [row],
    };
    const timeline = { ...closeTimeline(), samples: [sample] };
    expect(render(screen(160), 'full', timeline)).toContain(
      [
        ' s1         0.001 s server before frame 1, took 3.0 ms',
        '                  CLOSE-WAIT   192.0.2.2:50000 → 192.0.2.1:40000, Recv-Q 1, Send-Q 0, timer keepalive 1.20 s, 3 retransmits, no process',
      ].join('\n'),
    );
    expect(render(screen(160), 'normal', timeline)).not.toContain('before frame 1');
  });

  test('quiet is findings and the result only', () => {
    const text = render(screen(160), 'quiet');
    expect(text).not.toContain('SYN-SENT');
    expect(text).not.toContain('192.0.2.1 ');
    expect(text).toContain('✗ B10 refuted');
    expect(text.trimEnd().split('\n').at(-1)).toContain('results/made-by-hand/2026-11-20T12-00-00Z');
  });
});

test('a held FIN is drawn where it was sent and where it arrived, two connections are told apart', async () => {
  await expect(render(screen(150), 'normal', simultaneousTimeline())).toMatchFileSnapshot(
    'fixtures/simultaneous-150.txt',
  );
});

describe('in the list, a call that blocked', () => {
  const recv = /^ e\d+ .* recv.*$/gm;
  test('is told where it began and, with its result, where it returned, as in the lanes', () => {
    for (const on of [screen(100, { isTerminal: false }), screen(70)]) {
      const text = render(on, 'normal', simultaneousTimeline());
      expect(text.match(recv)).toEqual([
        ' e1      1.0                     server  recv(5, 100) …',
        ' e1    260.0   +10ms             server  recv returns 0',
      ]);
      const last = text.indexOf('recv returns');
      expect(text.indexOf('process killed')).toBeLessThan(last);
      expect(text.indexOf('connect(')).toBeGreaterThan(last);
    }
  });

  test('names its process where it began only, and its return begins no paragraph', () => {
    const { call, done } = buildTimeline();
    const returned = { at: 100e6, value: { bytes: 5, text: 'first' } };
    call(1, 1, 'server', 'recv', [5, 10], { via: 'raw', process: 'reader', returned });
    call(50, 2, 'client', 'write', ['first']);
    call(150, 2, 'client', 'end');
    const lines = render(screen(70), 'normal', done()).split('\n');
    const begin = lines.findIndex((line) => line.includes('recv('));
    expect(lines.slice(begin, begin + 5).map((line) => line.replace(/^.*(client|server) +/, ''))).toEqual([
      'reader: recv(5, 10) …',
      '',
      'write("first")',
      'recv returns 5 "first"',
      'end()',
    ]);
  });
});

describe('on any screen', () => {
  const widths = [70, 80, 100, 107, 108, 110, 120, 132, 140, 160, 200, 300];
  test.each(widths)('%d columns are not exceeded', (width) => {
    for (const timeline of [closeTimeline(), simultaneousTimeline()]) {
      for (const line of render(screen(width), 'full', timeline).split('\n'))
        expect(columns(line), line).toBeLessThanOrEqual(width);
    }
  });

  test.each(widths)('at %d columns colours change nothing but the colour', (width) => {
    const coloured = render(screen(width, { colour: true }));
    expect(coloured).toContain('\x1b[');
    expect(trimmed(stripVTControlCharacters(coloured))).toBe(trimmed(render(screen(width))));
  });

  test.each(widths)('at %d columns no sequence number is cut short', (width) => {
    for (const event of closeTimeline().events) {
      if (event.kind === 'segment') expect(render(screen(width))).toContain(event.text);
    }
  });

  test('the words lost, retransmission, refuted and failed stand beside their colours', () => {
    const text = render(screen(160));
    for (const word of ['lost', 'RTO: retransmission of e30', 'refuted', 'failed', 'unknown', 'conditional'])
      expect(text).toContain(word);
  });
});

describe('a run that did not end well', () => {
  test('says so before the result', () => {
    const result = {
      ...closeResult(),
      findings: [],
      error: { message: 'No segment came within 30 s.', code: 'ETIMEOUT' },
      interrupted: true,
    };
    const gaps = [
      { witness: 'tcpdump' as const, host: 'server' as const, reason: '3 packets were dropped by the kernel.' },
    ];
    const text = renderReport({
      timeline: { ...closeTimeline(), gaps },
      result,
      screen: screen(200),
      detail: 'normal',
    });
    expect(text.split('\n').slice(-6).join('\n')).toMatchInlineSnapshot(`
      " ! A witness is missing: tcpdump on the server: 3 packets were dropped by the kernel.
       ! The run was interrupted; what was recorded until then is judged.
       ✗ The run ended with an error: No segment came within 30 s. (ETIMEOUT)

       ! interrupted, ✗ ended by an error, no findings   812 ms   start 190 ms · run 510 ms · analyse 62 ms · remove 50 ms   results/made-by-hand/2026-11-20T12-00-00Z
      "
    `);
  });

  test('has a report even when nothing was recorded', () => {
    const text = render(screen(160), 'normal', { ...closeTimeline(), events: [], connections: [] });
    expect(text).toContain('One side closes');
    expect(text).toContain('B10 refuted');
  });
});

const trimmed = (text: string) => text.replaceAll(/ +$/gm, '');
