// Debian's Chromium, told to leave the network alone: for the tests of pages and for the pictures of the documentation.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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

/** Starts it without a window and with an empty profile of its own. */
export const launchChromium = async (): Promise<Browser> => {
  if (!existsSync(executablePath))
    throw new Error('chromium is missing: install it with "apt-get install chromium" as root');
  return chromium.launch({ executablePath, args });
};
