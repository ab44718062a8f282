// Debian's Chromium for the tests of pages, told to leave the network alone.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const executablePath = '/usr/bin/chromium';

/** Root inside a container has no sandbox to offer; the pages are our own. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = async (): Promise<Browser> => {
  if (!existsSync(executablePath))
    throw new Error('chromium is missing: install it with "apt-get install chromium" as root');
  return chromium.launch({ executablePath, args });
};

/** A browser for one test file; call it to get it. */
export const useBrowser = (): (() => Browser) => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  return () => browser as Browser;
};
