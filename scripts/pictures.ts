// npm run pictures: runs a few experiments and takes the pictures of docs/pictures/ from their reports.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { $ } from 'zx/core';
import { launchChromium } from './chromium.ts';

interface Picture {
  name: string;
  /** A page under the results folder, with what is chosen on it. */
  page: string;
  size: { width: number; height: number };
  scheme: 'light' | 'dark';
  /** Keys pressed, and elements clicked, before it is taken. */
  keys?: string[];
  clicks?: string[];
  scrollTo?: string;
}

const experiments = ['close-one-side', 'simultaneous-close', 'last-ack-lost', 'close-both-sides'];

const pictures: Picture[] = [
  { name: 'report', page: 'close-one-side/latest/report.html#A6', size: { width: 1280, height: 800 }, scheme: 'light' },
  {
    name: 'event',
    page: 'last-ack-lost/latest/report.html',
    size: { width: 1280, height: 760 },
    scheme: 'light',
    keys: ['1', 'j', 'j'],
  },
  {
    name: 'crossing',
    page: 'simultaneous-close/latest/report.html',
    size: { width: 1280, height: 760 },
    scheme: 'dark',
    clicks: ['#tab-states'],
    keys: ['1'],
  },
  { name: 'coverage', page: 'index.html', size: { width: 1280, height: 760 }, scheme: 'light', scrollTo: '.all h2' },
];

const project = fileURLToPath(new URL('..', import.meta.url));
const results = mkdtempSync(join(tmpdir(), 'finwait-pictures-'));
const folder = join(project, 'docs/pictures');
mkdirSync(folder, { recursive: true });
const finwait = (...args: string[]) =>
  $({ cwd: project, stdio: 'inherit' })`${process.execPath} src/cli.mjs ${args} --results ${results}`;

const browser = await launchChromium();
try {
  await finwait('run', ...experiments, '--quiet');
  await finwait('report', '--no-open');
  for (const { name, page: path, size, scheme, keys = [], clicks = [], scrollTo } of pictures) {
    const page = await browser.newPage({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto(`${pathToFileURL(results).href}/${path}`);
    for (const one of clicks) {
      await page.locator(one).click();
    }
    if (scrollTo)
      await page
        .locator(scrollTo)
        .first()
        .evaluate((element) => element.scrollIntoView());
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    process.stdout.write(`docs/pictures/${name}.png\n`);
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(results, { recursive: true, force: true });
}
