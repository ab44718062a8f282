// `npm run vocabulary`: writes docs/vocabulary.md and docs/diagnoses.md. Run it after a change to the vocabulary or to the
// catalogue of diagnoses; a unit test says when it is due.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnosesPage } from './diagnoses-page.ts';
import { vocabularyPage } from './vocabulary-page.ts';

const docs = join(import.meta.dirname, '../docs');
writeFileSync(join(docs, 'vocabulary.md'), vocabularyPage());
writeFileSync(join(docs, 'diagnoses.md'), diagnosesPage());
