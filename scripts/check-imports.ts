// Checks the imports of every source file against import-rules.ts.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { violations } from './import-rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const paths = globSync('{src,experiments,scripts,test,bench}/**/*.{ts,mjs,js}', { cwd: root });
const found = violations(new Map(paths.map((path) => [path, readFileSync(root + path, 'utf8')])));

for (const { file, line, message } of found) process.stdout.write(`${file}:${line}: ${message}\n`);
process.stdout.write(`${paths.length} files, ${found.length} faults\n`);
process.exitCode = found.length > 0 ? 1 : 0;
