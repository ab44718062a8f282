// Checks the imports of every source file against import-rules.ts.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { violations } from './import-rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync('{src,experiments,test,bench}/**/*.ts', { cwd: root });
const found = files.flatMap((file) => violations(file, readFileSync(root + file, 'utf8')));

for (const { file, line, message } of found) process.stdout.write(`${file}:${line}: ${message}\n`);
process.stdout.write(`${files.length} files, ${found.length} forbidden imports\n`);
process.exitCode = found.length > 0 ? 1 : 0;
