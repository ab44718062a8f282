// The program that bundles the script of a page: `node bundle-page.ts run` prints it as JSON, with what it was made of.

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { rolldown } from 'rolldown';
import { messageOf } from '../record/thrown.ts';
import { type PageName, type PageScript, sha256Of } from './page-script.ts';

const root = join(import.meta.dirname, '../..');
const entries: Record<PageName, string> = { run: 'app', all: 'all' };

const bundlePage = async (page: PageName): Promise<PageScript> => {
  const sources = new Map([[relative(root, import.meta.filename), sha256Of(readFileSync(import.meta.filename))]]);
  const note = (code: string, file: string) => {
    if (!file.startsWith('\0')) sources.set(relative(root, file), sha256Of(code)); // those with a zero are rolldown's own
  };
  const bundle = await rolldown({
    cwd: root,
    input: `src/report/page/browser/${entries[page]}.ts`,
    platform: 'browser',
    tsconfig: false,
    logLevel: 'warn',
    plugins: [{ name: 'sources', transform: note }], // the very text that is bundled: a file may be edited meanwhile
    // What it would only warn of (a module of Node's, say) is nothing a page could run.
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  const { output } = await bundle.generate({ format: 'iife', strict: true, minify: true, comments: false });
  return { script: output[0].code, sources: Object.fromEntries([...sources].sort()) };
};

try {
  process.stdout.write(JSON.stringify(await bundlePage(process.argv[2] as PageName)));
} catch (error) {
  process.stderr.write(stripVTControlCharacters(messageOf(error)));
  process.exitCode = 1;
}
