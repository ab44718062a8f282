// What somebody does who changes evidence and then the proofs over it: take the seal away, make it anew, or make the
// journal anew as well.
import { fingerprintOf } from '../../src/recording/fingerprint.ts';
import { linkTo } from '../../src/recording/journal.ts';
import { type Files, isEvidence, split } from './evidence-files.ts';

/**
 * `sealed`: the seal as the run made it. `unsealed`: taken away. `resealed`: made anew over the changed files.
 * `forged`: the journal made anew as well, so that only the witnesses themselves can contradict each other.
 */
export const modes = ['sealed', 'unsealed', 'resealed', 'forged'] as const;
export type Mode = (typeof modes)[number];

/** `untouched` is the run before it was changed: a seal is made anew after its model. */
export const prove = (files: Files, mode: Mode, untouched: Files): Files => {
  if (mode === 'sealed') return files;
  if (mode === 'unsealed') return new Map([...files].filter(([name]) => name !== 'seal.json'));
  // Whoever seals another source has made another experiment of it.
  const own = new Map(
    [...files].filter(([name]) => !isSource(name)).concat([...untouched].filter(([name]) => isSource(name))),
  );
  return resealed(mode === 'forged' ? forged(own) : own, untouched);
};

const isSource = (name: string): boolean => name.startsWith('source/');

const forged = (files: Files): Files => {
  let link = '';
  const lines = ['plan.json', ...[...files.keys()].filter(isEvidence)].map((name) => {
    const content = files.get(name) ?? Buffer.alloc(0);
    link = linkTo(link, content);
    return `${name} ${content.length} ${link}\n`;
  });
  return new Map([...files, ['journal.txt', Buffer.from(lines.join(''))]]);
};

const resealed = (files: Files, untouched: Files): Files => {
  const seal = JSON.parse(untouched.get('seal.json')?.toString() ?? '{}');
  const recordsOf = (name: string) =>
    split(name, files.get(name) ?? Buffer.alloc(0)).records.map((record) => record.toString());
  const captured = (host: string) => {
    const found = recordsOf('api.ndjson').find(
      (line) => line.startsWith('{"type":"capture"') && line.includes(`"host":"${host}"`),
    );
    return Number(/"captured":(\d+)/.exec(found ?? '')?.[1] ?? 0);
  };
  const countsOf = (host: string) => ({
    packets: captured(host),
    samples: recordsOf(`ss-${host}.txt`).filter((text) => text.startsWith('# sample')).length,
  });
  const counts = {
    client: countsOf('client'),
    server: countsOf('server'),
    deliveries: recordsOf('wire.ndjson').filter((line) => line.includes('"type":"deliver"')).length,
    apiRecords: recordsOf('api.ndjson').length,
    wireRecords: recordsOf('wire.ndjson').length,
  };
  const sealedFiles = [...files]
    .filter(([name]) => name !== 'seal.json')
    .map(([name, content]) => [name, fingerprintOf(content)]);
  const experiment = /"experiment": "([^"]*)"/.exec(files.get('plan.json')?.toString() ?? '')?.[1] ?? seal.experiment;
  const text = JSON.stringify({ ...seal, experiment, counts, files: Object.fromEntries(sealedFiles) });
  return new Map([...files, ['seal.json', Buffer.from(text)]]);
};
