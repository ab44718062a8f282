import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { schemaFiles } from './schemas.ts';

const folder = join(import.meta.dirname, '../schema');

it('the published schemas are what the program uses: when this fails, run `npm run schema`', () => {
  const published = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const texts = Object.fromEntries(published.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  expect(texts).toEqual(schemaFiles());
});
