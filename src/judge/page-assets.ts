// Reads what a page of finwait takes with it: its style sheets and its script.
import { readFileSync } from 'node:fs';
import { joinModules, modulesOf, stylesOf } from '../report/page/assets.ts';
import type { Assets } from '../report/page/page.ts';

const read = (path: string) => readFileSync(new URL(`../report/page/${path}`, import.meta.url), 'utf8');

/** Style and script of the page of one run, or of the page over all runs. */
export const readAssets = (page: keyof typeof modulesOf): Assets => ({
  css: stylesOf[page].map((name) => read(`${name}.css`)).join('\n'),
  script: joinModules(modulesOf[page].map((name) => ({ name, text: read(`browser/${name}.js`) }))),
});
