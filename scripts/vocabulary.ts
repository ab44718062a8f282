// `npm run vocabulary`: writes docs/vocabulary.md. Run it after a change to the vocabulary; a unit test says when it is due.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vocabularyPage } from './vocabulary-page.ts';

writeFileSync(join(import.meta.dirname, '../docs/vocabulary.md'), vocabularyPage());
