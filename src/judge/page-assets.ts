// Reads what a page of finwait takes with it: its style sheets and its script.
import { readFileSync } from 'node:fs';
import type { Assets } from '../report/page/page.ts';
import { type PageName, pageScript } from './page-script.ts';

/** Style and script of the page of one run, or of the page over all runs. */
export const readAssets = (page: PageName): Assets => ({
  css: styleSheets[page].map((name) => readFileSync(new URL(`${name}.css`, folder), 'utf8')).join('\n'),
  script: pageScript(page),
});

const folder = new URL('../report/page/', import.meta.url);

const styleSheets: Record<PageName, string[]> = {
  run: ['page', 'diagram', 'states', 'run'],
  all: ['page', 'states', 'all'],
};
