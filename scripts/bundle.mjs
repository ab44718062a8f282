// Bundles the programs of finwait (the command line, and what runs in hosts and sidecars) so that each loads as a few
// files instead of a hundred, and the scripts of its pages, so that no run has to. Set-up starts it when a source of a
// program has changed. The sources stay what one edits: src/bundle.mjs never has a stale bundle run, and
// src/judge/page-script.ts bundles a stale script anew. With `--image` for an image of Docker, in which no source changes.
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { bundlesFolder, stampOf } from '../src/bundle.mjs';
import { pageScript } from '../src/judge/page-script.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src/');

/** The programs, by the names under which src/process/program-file.ts, compose.yaml and docker/compile.sh ask for them. */
const programs = Object.fromEntries(
  [
    'commands/main',
    'finwait',
    'host/agent',
    'host/node-process',
    'host/raw-process',
    'judge/conclude-thread',
    'lab/docker/deliver',
    'lab/docker/supervisor',
    'lab/docker/open-to-supervisors',
    'witness/sidecar',
  ].map((name) => [name, `src/${name}.ts`]),
);

// What a source says of its own place stays true of the source: it finds the files beside it from there.
const ownPlaces = {
  name: 'own-places',
  /**
   * @param {string} code
   * @param {string} id
   */
  transform: (code, id) => {
    if (!id.startsWith(sources) || !code.includes('import.meta')) return null;
    return code
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)));
  },
};

// To import a module of Node's makes all its exports, be it the streams of node:fs for one who reads a file: where every
// start of a program counts, it is asked for as it is.
const builtinsAsTheyAre = {
  name: 'builtins-as-they-are',
  /** @param {string} code */
  renderChunk: (code) =>
    code.replaceAll(
      /^import (?:(\w+|\w+\$\d+))?(?:, )?(?:\{([^}]*)\})? from "(node:[\w/]+)";$/gm,
      (_, whole, /** @type {string | undefined} */ named, specifier) => {
        const builtin = `process.getBuiltinModule("${specifier}")`;
        return [
          ...(whole ? [`const ${whole} = ${builtin};`] : []),
          ...(named ? [`const {${named.replaceAll(' as ', ': ')}} = ${builtin};`] : []),
        ].join('\n');
      },
    ),
};

// yargs lays out its help at every start. What measures its words makes a segmenter and a table of all emoji first, twice
// as long as Node takes to start, and has something to measure only where letters are not as wide as they are many.
const widthWhenNeeded = {
  name: 'width-when-needed',
  /** @param {string} id */
  resolveId: (id) => (id === 'string-width' ? { id: '\0width', moduleSideEffects: false } : null),
  /** @param {string} id */
  load: (id) =>
    id === '\0width'
      ? `import { createRequire } from 'node:module';
         const load = createRequire(${JSON.stringify(import.meta.url)});
         let measure;
         export default (text) => /^[ -~]*$/.test(text) ? text.length : (measure ??= load('string-width').default)(text);`
      : null,
};

const ofTheStart =
  /\/src\/(commands\/(exit-code|failure|interruptible|list|nearest|usage-error)|experiment\/(run-error|project-folder)|lab\/lab-error|process\/(keep-file|program-file)|record\/(schema-version|thrown)|script\/(catalogue|summaries))\.ts$/;

/** Old bundles that runs still under way may need. */
const kept = 3;

const removeOldest = () => {
  const folders = readdirSync(bundlesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(bundlesFolder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of folders.slice(kept)) rmSync(folder, { recursive: true, force: true });
};

const isForImage = process.argv.includes('--image');
const folder = isForImage ? 'image' : `${Date.now()}-${process.pid}`;
const bundle = await rolldown({
  cwd: root,
  input: programs,
  platform: 'node',
  tsconfig: false,
  external: ['koffi'], // native: it looks for its binary from its own place
  plugins: [ownPlaces, widthWhenNeeded, builtinsAsTheyAre],
  transform: { define: { bundled: JSON.stringify(join(bundlesFolder, folder)) } },
  logLevel: 'silent',
});
const { output } = await bundle.write({
  dir: join(bundlesFolder, folder),
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: 'shared/[name]-[hash].mjs',
  // What every command needs, and `list`, which needs little more, is one file: to find and open a file takes a millisecond.
  advancedChunks: { groups: [{ name: 'start', test: ofTheStart }] },
});
const modules = new Set(output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])));
const files = [...modules].filter((id) => id.startsWith(sources)).map((id) => relative(root, id));
const madeOf = isForImage ? [] : [...files.sort(), 'package-lock.json', 'scripts/bundle.mjs'];
const inputs = madeOf.map((file) => [file, stampOf(file)]);
const aside = join(bundlesFolder, `${folder}.json`);
writeFileSync(aside, JSON.stringify({ folder, inputs }));
renameSync(aside, join(bundlesFolder, 'current.json')); // it names a whole bundle at every moment
removeOldest();
await pageScript('run');
await pageScript('all');
