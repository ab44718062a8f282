// What a program under test prints, and what stands in files somebody else made, is text: in a browser it never becomes
// markup or a script, and in a terminal it moves no cursor.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { finwait, fixture, readResult, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
/** Apart from the results: what is damaged on purpose contradicts itself. */
const damaged = mkdtempSync(join(tmpdir(), 'finwait-damaged-'));
afterAll(() => rmSync(damaged, { recursive: true }));
const browser = useBrowser();
/** A slash ends the name of a file, and would end no element here. */
const name = `"><img src=x onerror=pwned=1>'`;
let folder: string;
let printed: string;

beforeAll(async () => {
  const file = join(results, 'source', `${name}.ts`);
  mkdirSync(join(results, 'source'));
  copyFileSync(fixture('hostile'), file);
  const run = await finwait(['run', file, '--full', '--results', results]);
  printed = String(run.stdout);
  expect(run.exitCode, String(run.stderr)).toBe(0);
  folder = runFolder(results, name);
}, 60_000);

/** Opens a page of finwait, and tells whether anything in it ever was more than text. */
const look = async (path: string) => {
  const page = await (await browser().newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text())) troubles.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('data:') && request.url().split('#')[0] !== pathToFileURL(path).href)
      troubles.push(`it asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href);
  const harmless = async () => {
    expect(await page.evaluate('typeof pwned')).toBe('undefined');
    expect(await page.locator('img, iframe, object, embed, script[src], body *[onerror], body *[onload]').count()).toBe(
      0,
    );
    expect(troubles).toEqual([]);
  };
  return { page, harmless };
};

const goThroughAll = async (page: Page, harmless: () => Promise<void>) => {
  const { events, samples } = readTimeline(folder);
  for (const { id } of [...events, ...samples.slice(0, 3)]) {
    await page.evaluate(`location.hash = '#${id}'`);
    await page.waitForTimeout(5);
    await harmless();
  }
  for (const { id } of readResult(folder).findings) await page.evaluate(`location.hash = '#${id}'`);
  await harmless();
  await page.evaluate('dispatchEvent(new Event("beforeprint"))');
  await harmless();
};

test('the record holds what was meant to do harm', () => {
  const text = readFileSync(join(folder, 'timeline.json'), 'utf8');
  for (const part of ['<script>pwned=1</script>', 'onerror=pwned=1', '</script>', '\\u001b]0;'])
    expect(text).toContain(part);
});

test('the page of the run shows it as text', async () => {
  const { page, harmless } = await look(join(folder, 'report.html'));
  await harmless();
  await goThroughAll(page, harmless);
  await page.getByRole('tab', { name: 'Source' }).click();
  await page.getByRole('tab', { name: 'State diagram' }).click();
  await harmless();
  expect(await page.locator('body').textContent()).toContain('onerror=pwned=1');
});

test('and so does the page over all runs', async () => {
  const { exitCode, stdout, stderr } = await finwait(['report', '--results', results, '--no-open']);
  expect(exitCode, String(stderr)).toBe(0);
  const { page, harmless } = await look(String(stdout).trim());
  await harmless();
  expect(await page.locator('body').textContent()).toContain('onerror=pwned=1');
});

test('an exported diagram is XML whose text is text', async () => {
  const { stdout } = await finwait(['export', folder, '--format', 'svg']);
  const path = join(results, 'diagram.svg');
  writeFileSync(path, String(stdout));
  const { harmless } = await look(path);
  await harmless();
});

test('even markup that got into the page could not run, nor be styled', async () => {
  const { page } = await look(join(folder, 'report.html'));
  await page.evaluate(`
    const inject = (markup) => document.body.insertAdjacentHTML('beforeend', markup);
    inject('<img src="data:," onerror="pwned=1"><b id="styled" style="color:rgb(1, 2, 3)">x</b>');
    const script = document.createElement('script');
    script.textContent = 'pwned=1';
    document.body.append(script);
  `);
  await page.waitForTimeout(100);
  expect(await page.evaluate('typeof pwned')).toBe('undefined');
  expect(await page.evaluate('getComputedStyle(document.getElementById("styled")).color')).not.toBe('rgb(1, 2, 3)');
  const policy = await page.locator('meta[http-equiv]').getAttribute('content');
  expect(policy).toMatch(/script-src 'sha256-[\w+/=]{44}';/);
  expect(policy).not.toContain('unsafe');
});

test('the terminal gets no control character but those of its own colours', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(printed.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g)).toBeNull();
  expect(printed).toContain('pwned');
});

describe('files of a run that are not what a run writes', () => {
  const damages: [string, string, (record: { [field: string]: unknown }) => void][] = [
    [
      'an id that is markup',
      'timeline.json',
      ({ events }) => Object.assign((events as object[])[0] ?? {}, { id: name }),
    ],
    [
      'a host that is markup',
      'timeline.json',
      ({ samples }) => Object.assign((samples as object[])[0] ?? {}, { host: name }),
    ],
    [
      'a verdict that is markup',
      'result.json',
      ({ findings }) => Object.assign((findings as object[])[0] ?? {}, { verdict: name }),
    ],
    [
      'evidence that is markup',
      'result.json',
      ({ findings }) =>
        Object.assign(((findings as { cases: object[] }[])[0] ?? { cases: [] }).cases[0] ?? {}, { evidence: [name] }),
    ],
    ['a duration that is markup', 'result.json', (result) => Object.assign(result, { durationMs: name })],
    ['no plan', 'plan.json', (plan) => Object.assign(plan, { file: 7 })],
  ];
  test.each(damages)('%s: one sentence, and no page', async (what, file, damage) => {
    const copy = join(damaged, what.replaceAll(' ', '-'));
    cpSync(folder, copy, { recursive: true });
    const record = JSON.parse(readFileSync(join(copy, file), 'utf8'));
    damage(record);
    writeFileSync(join(copy, file), JSON.stringify(record));
    for (const format of ['report', 'svg', 'junit', 'mermaid']) {
      const { exitCode, stderr } = await finwait(['export', copy, '--format', format]);
      expect([exitCode, stderr]).toEqual([
        70,
        expect.stringMatching(new RegExp(`^finwait: .* holds no finished run: ${file} cannot be read \\([^\n]+$`)),
      ]);
    }
  });

  test('a plan gets no other file of this machine into a page', async () => {
    const copy = join(damaged, 'reads');
    cpSync(folder, copy, { recursive: true });
    const plan = JSON.parse(readFileSync(join(copy, 'plan.json'), 'utf8'));
    writeFileSync(join(copy, 'plan.json'), JSON.stringify({ ...plan, file: '/etc/passwd' }));
    const { exitCode, stderr } = await finwait(['export', copy, '--format', 'report']);
    expect(exitCode, String(stderr)).toBe(0);
    expect(readFileSync(join(copy, 'report.html'), 'utf8')).not.toContain('root:');
  });
});
