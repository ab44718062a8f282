// `npm run schema`: writes schema/*.json. Run it after a change to a schema; a unit test says when it is due.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFiles } from './schemas.ts';

const folder = join(import.meta.dirname, '../schema');
mkdirSync(folder, { recursive: true });
for (const [file, text] of Object.entries(schemaFiles())) writeFileSync(join(folder, file), text);
