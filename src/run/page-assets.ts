// Reads what a page of finwait takes with it: its style sheet and its script.
import { readFileSync } from 'node:fs';
import { joinModules, modulesOf } from '../report/html/assets.ts';
import type { Assets } from '../report/html/page.ts';

const folder = new URL('../report/html/', import.meta.url);

/** Style and script of the page of one run, or of the page over all runs. */
export const readAssets = (page: keyof typeof modulesOf): Assets => ({
  css: readFileSync(new URL('page.css', folder), 'utf8'),
  script: joinModules(modulesOf[page].map((name) => ({ name, text: readFileSync(new URL(`browser/${name}.js`, folder), 'utf8') }))),
});
