// The report in a real browser: one selection drives everything, nothing leaves the page, and it can be read without a mouse.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TimelineEvent } from '../src/timeline/schema.ts';
import { useBrowser } from './browser.ts';
import { finwait, projectFolder, readResult, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
const browser = useBrowser();
const address = (experiment: string) => pathToFileURL(join(runFolder(results, experiment), 'report.html')).href;

beforeAll(async () => {
  const run = await finwait(['run', 'close-both-sides', 'last-ack-lost', '--quiet', '--results', results]);
  expect(run.exitCode, String(run.stderr)).toBe(0);
  const programs = ['--server', 'node listen.mjs 9000', '--client', 'node leave.mjs server 9000'];
  const cwd = join(projectFolder, 'test/fixtures/programs');
  const tried = await finwait(['try', ...programs, '--quiet', '--results', results], { cwd });
  expect(tried.exitCode, String(tried.stderr)).toBe(4);
}, 60_000);

/** Opens a report, and fails the test when the page throws or asks for anything besides itself. */
const open = async (experiment: string, hash = '', options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser().newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const own = address(experiment);
  page.on('pageerror', (error) => {
    throw error;
  });
  page.on('request', (request) => {
    const url = request.url();
    if (url !== own && !url.startsWith(`${own}#`) && !url.startsWith('data:'))
      throw new Error(`The page asked for ${url}`);
  });
  await page.goto(own + hash);
  return page;
};

const idsOf = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll((elements) => elements.map((element) => element.getAttribute('data-id') ?? '').sort());
const evidence = (experiment: string, finding: string): string[] => {
  const { findings } = readResult(runFolder(results, experiment));
  return [...new Set(findings.find(({ id }) => id === finding)?.cases.flatMap((one) => one.evidence))].sort();
};
/** The first event of a kind in the run of close-both-sides. */
const first = (kind: TimelineEvent['kind']): string => {
  const { events } = readTimeline(runFolder(results, 'close-both-sides'));
  return events.find((event) => event.kind === kind)?.id as string;
};
/** Ids of lit items over the whole of the diagram, of which only what can be seen is drawn. */
const litIds = async (page: Page): Promise<string[]> => {
  const lit = new Set<string>();
  const height = await page.locator('#canvas').evaluate((canvas) => canvas.clientHeight);
  for (let top = 0; top < height + 1000; top += 1000) {
    await page.locator('#pane').evaluate((pane, y) => pane.scrollTo(0, y), top);
    await page.waitForTimeout(30);
    for (const id of await idsOf(page, '#canvas .lit')) lit.add(id);
  }
  return [...lit].sort();
};

describe('choosing', () => {
  test('a finding lights exactly its evidence', async () => {
    const page = await open('close-both-sides');
    for (const finding of ['A8', 'B1', 'D3']) {
      await page.locator(`[data-finding="${finding}"] .choose`).click();
      expect(await litIds(page)).toEqual(evidence('close-both-sides', finding));
      expect(page.url()).toMatch(new RegExp(`#${finding}$`));
      expect(await page.locator(`#cases-${finding}`).isVisible()).toBe(true);
    }
  });

  test('an event shows its cause, its bytes, what ss saw and its line of source', async () => {
    const { events } = readTimeline(runFolder(results, 'close-both-sides'));
    const fin = events.find((event) => event.kind === 'segment' && event.flags === 'F.');
    const page = await open('close-both-sides', `#${fin?.id}`);
    const details = page.locator('#details');
    expect(await details.textContent()).toContain('F. 1:1(0) ack 1');
    expect(await details.locator('h3').allInnerTexts()).toEqual([
      'Why',
      'What it caused',
      'Headers',
      'Bytes, captured on the client',
      'ss on the client',
      'ss on the server',
    ]);
    expect(await details.locator('mark').allInnerTexts()).toContain('CLOSE-WAIT');
    const cause = details.locator('.chain a').first();
    const id = await cause.textContent();
    await cause.click();
    expect(page.url()).toMatch(new RegExp(`#${id}$`));
    expect(await details.locator('.current').textContent()).toContain('socket.end()');
    await page.getByRole('tab', { name: 'Source' }).click();
    expect(await page.locator('#source .current').textContent()).toContain('socket.end()');
  });

  test('a field of a header lights its bytes', async () => {
    const page = await open('close-both-sides', `#${first('segment')}`);
    const port = page.locator('.fields div', { hasText: 'destination port' });
    await port.hover();
    expect((await page.locator('.hex i.pointed').allInnerTexts()).slice(0, 2).join('')).toBe((50000).toString(16));
  });

  test('the state diagram leads to the event of a transition', async () => {
    const page = await open('close-both-sides');
    await page.getByRole('tab', { name: 'State diagram' }).click();
    await page.locator('[data-way="ESTABLISHED>CLOSE-WAIT"] text').click();
    expect(await page.locator('#canvas .chosen title').textContent()).toContain('ESTABLISHED → CLOSE-WAIT');
  });
});

test('the page of a trial opens on what is wrong, with its evidence lit; who holds the socket stands beside its rows', async () => {
  const page = await open('try');
  const { diagnoses = [] } = readResult(runFolder(results, 'try'));
  expect(diagnoses).toMatchObject([{ name: 'left-in-close-wait' }]);
  expect(await page.locator('.diagnosis.is-chosen').textContent()).toContain(diagnoses[0]?.sentence);
  const details = page.locator('#details');
  expect(await details.textContent()).toContain(diagnoses[0]?.remedy);
  expect(await litIds(page)).toEqual(
    diagnoses[0]?.evidence.filter((id) => id.startsWith('e') || id.startsWith('s')).sort(),
  );
  const { events } = readTimeline(runFolder(results, 'try'));
  const read = events.find((event) => event.kind === 'call' && event.process === 'server' && event.api === 'read');
  await page.goto(`${address('try')}#${read?.id}`);
  await page.reload();
  expect(await details.textContent()).toMatch(/held by server \(pid \d+, descriptor \d+, since/);
});

describe('the keyboard', () => {
  test('goes through events, findings and their evidence, and leaves', async () => {
    const page = await open('close-both-sides');
    const chosen = () => page.locator('#canvas .chosen').getAttribute('data-id');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = await chosen();
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await chosen()).toBe(second);
    await page.keyboard.press('2');
    expect(page.url()).toMatch(/#B1$/);
    await page.keyboard.press('j');
    expect(evidence('close-both-sides', 'B1')).toContain(await chosen());
    expect(await page.locator('#canvas').getAttribute('aria-activedescendant')).toBe(`${await chosen()}-option`);
    await page.keyboard.press('Escape');
    expect(await page.locator('.chosen, .lit').count()).toBe(0);
    await page.keyboard.press('/');
    await page.keyboard.type('FIN-WAIT-2');
    expect(await page.locator('#status').textContent()).toMatch(/^[1-9]\d* of \d+ match$/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').isVisible()).toBe(true);
  });

  test('switches the scale of time', async () => {
    const page = await open('last-ack-lost');
    const before = await page.locator('#canvas').evaluate((canvas) => canvas.clientHeight);
    await page.keyboard.press('t');
    expect(await page.getByRole('radio', { name: 'true time' }).isChecked()).toBe(true);
    expect(await page.locator('#canvas').evaluate((canvas) => canvas.clientHeight)).not.toBe(before);
  });
});

test('a link leads to a finding, an event or a sample', async () => {
  const sample = evidence('close-both-sides', 'D3').find((id) => id.startsWith('s')) as string;
  for (const id of ['D3', first('segment'), first('state'), sample]) {
    const page = await open('close-both-sides', `#${id}`);
    expect(await page.locator('#details h2 .chip').textContent()).toBe(id);
    if (id !== 'D3') expect(await page.locator('#canvas .chosen').isVisible(), id).toBe(true);
  }
});

test('a lost segment ends in a cross, in words as well', async () => {
  const page = await open('last-ack-lost');
  const lost = page.locator('#canvas .item', { has: page.locator('.cross') }).first();
  expect(await lost.locator('title').textContent()).toContain('lost');
});

test('what a page shows fits a narrow window and a magnified one', async () => {
  for (const width of [1440, 720, 400]) {
    const options = { viewport: { width, height: 450 }, deviceScaleFactor: 2 };
    const page = await open('close-both-sides', `#${first('segment')}`, options);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await page.locator('#canvas .chosen').isVisible()).toBe(true);
  }
});

test('print draws the whole diagram and every case', async () => {
  const page = await open('last-ack-lost');
  const pdf = await page.pdf({ format: 'A4' });
  expect(pdf.length).toBeGreaterThan(10_000);
  await page.evaluate('dispatchEvent(new Event("beforeprint"))');
  const { events } = readTimeline(runFolder(results, 'last-ack-lost'));
  const segments = events.filter(({ kind }) => kind === 'segment').map(({ id }) => id);
  expect(await idsOf(page, '#canvas .item')).toEqual(expect.arrayContaining(segments));
});

test.each(['light', 'dark'] as const)(
  'nothing is in the way of assistive technology, in %s colours',
  async (colorScheme) => {
    for (const [experiment, hash] of [
      ['close-both-sides', ''],
      ['close-both-sides', `#${first('segment')}`],
      ['last-ack-lost', '#D5'],
      ['try', ''],
    ] as const) {
      const page = await open(experiment, hash, { colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
      expect(
        violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
        ),
      ).toEqual([]);
      await page.getByRole('tab', { name: 'State diagram' }).click();
      const kept = join(projectFolder, 'test-results');
      mkdirSync(kept, { recursive: true });
      await page.screenshot({ path: join(kept, `${experiment}${hash.replace('#', '-')}-${colorScheme}.png`) });
    }
  },
);

test('an ordinary report stays under 500 KB', () => {
  for (const experiment of ['close-both-sides', 'last-ack-lost'])
    expect(statSync(join(runFolder(results, experiment), 'report.html')).size).toBeLessThan(500_000);
});

describe('the page over all runs', () => {
  test('filters its findings, and leads to the report', async () => {
    const { exitCode, stdout } = await finwait(['report', '--results', results, '--no-open']);
    expect(exitCode).toBe(0);
    const page = await browser().newPage();
    await page.goto(pathToFileURL(String(stdout).trim()).href);
    const rows = page.locator('#rows tr:visible');
    const all = await rows.count();
    expect(all).toBe(
      ['close-both-sides', 'last-ack-lost'].flatMap((name) => readResult(runFolder(results, name)).findings).length,
    );
    await page.getByLabel('article').selectOption('close-variants');
    expect(await rows.locator('td:first-child').allInnerTexts()).toEqual(['B1']);
    await page.reload();
    expect(await rows.count()).toBe(1);
    await page.getByLabel('article').selectOption('');
    await page.getByLabel('text').fill('last ack lost');
    await rows.getByRole('link').first().click();
    expect(page.url()).toMatch(/last-ack-lost\/[^/]+\/report\.html#D5$/);
    await page.goBack({ waitUntil: 'load' });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`)).toEqual([]);
  });

  test('is served to this machine only, and nothing outside the folder', async () => {
    const server = finwait(['report', '--results', results, '--no-open', '--serve']);
    const url = await new Promise<string>((done) => server.stdout?.on('data', (chunk) => done(String(chunk).trim())));
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await (await fetch(url)).text()).toBe(readFileSync(join(results, 'index.html'), 'utf8'));
    expect((await fetch(`${url}..%2f..%2fetc/passwd`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    server.kill('SIGINT');
    expect((await server).exitCode).toBe(0);
  });
});
