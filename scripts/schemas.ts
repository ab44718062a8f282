// The documents finwait writes, as JSON Schema made from the zod schemas that the program itself uses.
import { z } from 'zod';
import { apiRecord } from '../src/record/api-records.ts';
import { schemaVersion } from '../src/record/schema-version.ts';
import { wireRecord } from '../src/record/wire-records.ts';
import { plan, seal } from '../src/recording/schema.ts';
import { timeline } from '../src/timeline/schema.ts';
import { jsonDocument, result } from '../src/verdict/schema.ts';

const documents: { file: string; title: string; schema: z.ZodType }[] = [
  { file: 'plan.json', title: 'plan.json: what a run is about to do', schema: plan },
  { file: 'seal.json', title: 'seal.json: what a run had recorded', schema: seal },
  { file: 'api-record.json', title: 'A line of api.ndjson: what the processes and the script did', schema: apiRecord },
  { file: 'wire-record.json', title: 'A line of wire.ndjson: what happened on the wire', schema: wireRecord },
  { file: 'timeline.json', title: 'timeline.json: what happened, on one clock, with causes', schema: timeline },
  { file: 'result.json', title: 'result.json: the verdicts of a run', schema: result },
  { file: 'run-document.json', title: 'What finwait run --json prints', schema: jsonDocument },
];

/** The files of the folder schema/, by name. */
export const schemaFiles = (): Record<string, string> =>
  Object.fromEntries(
    documents.map(({ file, title, schema }) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any' });
      const document = { $schema, title: `${title} (finwait, version ${schemaVersion} of its documents)`, ...rest };
      return [file, `${JSON.stringify(document, null, 2)}\n`];
    }),
  );
