import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { readAssets } from '../../judge/page-assets.ts';
import { ofTwo } from '../../record/fixtures/of-two.ts';
import { closeResult, closeTimeline } from '../fixtures/close.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import { renderHtml } from './html.ts';
import { pageData } from './page-data.ts';
import { sceneOf } from './scene.ts';

const assets = await readAssets('run');

describe('the page of a run', () => {
  const html = renderHtml({ timeline: closeTimeline(), result: closeResult(), assets });

  test('is one file that asks for nothing', () => {
    expect(html.length).toBeLessThan(500_000);
    expect(html).toContain("default-src 'none'");
    expect(
      [...html.matchAll(/(?:src|href)="([^"]+)"/g)]
        .map(([, address]) => address)
        .filter((address) => !/^(#|data:|\.\.\/)/.test(address ?? '')),
    ).toEqual([]);
  });

  test('carries a script that is whole', () => {
    expect(() => runInNewContext(`() => {${assets.script}}`)).not.toThrow();
    expect(assets.script).not.toMatch(/^(import|export) /m);
  });

  test('shows no text as markup', () => {
    const result = closeResult();
    const dangerous = '</script><img src=x onerror=alert(1)>';
    const page = renderHtml({
      timeline: closeTimeline(),
      result: { ...result, title: dangerous },
      source: { file: 'a.ts', text: dangerous },
      assets,
    });
    expect(page).not.toContain('<img');
  });

  test('is the same each time', () =>
    expect(renderHtml({ timeline: closeTimeline(), result: closeResult(), assets })).toBe(html));
});

describe('the diagram', () => {
  const scene = sceneOf(simultaneousTimeline(), new Set());
  const arrows = scene.items.filter(({ arrow }) => arrow);

  test('has one arrow for each segment, and none goes back in time', () => {
    const segments = simultaneousTimeline().events.filter(({ kind }) => kind === 'segment');
    expect(arrows.map(({ id }) => id).sort()).toEqual(segments.map(({ id }) => id).sort());
    for (const { y, arrow } of arrows)
      for (const scale of [0, 1] as const) expect(arrow?.y[scale]).toBeGreaterThanOrEqual(y[scale]);
  });

  test('crosses segments that met on the wire', () => {
    const [first, second] = arrows.filter(({ text }) => text.startsWith('F'));
    expect(first?.arrow?.to).not.toBe(second?.arrow?.to);
    expect(second?.y[0]).toBeLessThan(first?.arrow?.y[0] ?? 0);
    expect(first?.y[0]).toBeLessThan(second?.arrow?.y[0] ?? 0);
  });

  test('shows each state for as long as it lasts', () => {
    for (const { top, bottom } of scene.bands)
      for (const scale of [0, 1] as const) expect(bottom[scale]).toBeGreaterThanOrEqual(top[scale]);
    expect(new Set(scene.bands.map(({ state }) => state))).toContain('CLOSING');
  });

  test('keeps words of one lane apart in true time', () => {
    for (let lane = 0; lane < 5; lane++) {
      const heights = scene.items
        .filter((item) => item.lane === lane && item.nth === undefined && item.label !== null)
        .map(({ label, y }) => label ?? y[1]);
      heights.sort((a, b) => a - b);
      for (const [index, height] of heights.entries())
        if (index > 0) expect(height - (heights[index - 1] ?? 0)).toBeGreaterThanOrEqual(16.9);
    }
  });

  test('folds what is idle, and says for how long', () => {
    const timeline = closeTimeline();
    const late = timeline.events.map((event, index) => (index < 20 ? event : shift(event, 5e9)));
    const { folds } = sceneOf({ ...timeline, events: late, duration: timeline.duration + 5e9 }, new Set());
    expect(folds[0][0]?.words).toMatch(/^5\.\d+ s without an event$/);
    expect(folds[1].some(({ words }) => words.startsWith('5.'))).toBe(true);
  });
});

describe('a run of ten thousand segments', () => {
  const timeline = closeTimeline();
  const [segment] = timeline.events.filter((event) => event.kind === 'segment');
  const more = Array.from({ length: 10_000 }, (_, index) =>
    shift({ ...(segment as NonNullable<typeof segment>), id: `e${1000 + index}`, cause: undefined }, index * 1e7),
  );
  const long = { ...timeline, events: [...timeline.events, ...more], duration: timeline.duration + 1e11 };

  test('is laid out whole, and what the page leaves out is said', () => {
    const data = pageData({
      timeline: long,
      result: closeResult(),
      captures: ofTwo({ client: new Uint8Array(), server: new Uint8Array() }),
    });
    expect(data.scene.items.filter(({ arrow }) => arrow).length).toBeGreaterThan(10_000);
    expect(data.omitted.join()).toMatch(/the bytes of the last \d+ segments/);
  });
});

const shift = <T extends { at: number }>(event: T, by: number): T => ({
  ...event,
  at: event.at + by,
  ...('sentAt' in event && event.sentAt !== undefined ? { sentAt: (event.sentAt as number) + by } : {}),
  ...('receivedAt' in event && event.receivedAt !== undefined ? { receivedAt: (event.receivedAt as number) + by } : {}),
});
