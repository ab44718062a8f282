#!/usr/bin/env node
// The command line. Plain JavaScript, so that an older Node gets a sentence instead of a syntax error,
// and Node's compile cache is on before any TypeScript is loaded.
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentBundle } from './bundle.mjs';

// Node's own exit code for what nobody catches is 1, which says something else here. Nothing runs on: what was recorded
// is on the disk.
process.on('uncaughtException', (error) => {
  process.stderr.write(`finwait: a fault of finwait itself. ${error?.stack ?? error}\n`);
  process.exit(70);
});

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `finwait: it needs Node 24 and this is ${process.versions.node}. Start it through npm, which brings its own: npm run finwait -- ${process.argv.slice(2).join(' ')}\n`,
  );
  process.exit(3);
}

const start = async () => {
  const cache = fileURLToPath(new URL('../node_modules/.cache/finwait', import.meta.url));
  module.enableCompileCache(cache);
  process.env.NODE_COMPILE_CACHE = cache;
  const bundle = currentBundle();
  const { main } = bundle ? await import(join(bundle, 'commands/main.mjs')) : await import('./commands/main.ts');
  await main(process.argv.slice(2));
};

/** Nothing need be loaded for that. */
const printVersion = () => {
  const { version } = module.createRequire(import.meta.url)('../package.json');
  process.stdout.on('error', () => {}); // whoever read it has read enough
  process.stdout.write(`${version}\n`);
};

if (process.argv.length === 3 && process.argv[2] === '--version') printVersion();
else await start();
