#!/usr/bin/env node
// The command line. It shows a sign of life and switches on Node's compile cache before it loads anything that takes time.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../node_modules/.cache/finwait', import.meta.url));
enableCompileCache(cache);
process.env.NODE_COMPILE_CACHE = cache;
const { main } = await import('./commands/main.ts');
await main(process.argv.slice(2));
