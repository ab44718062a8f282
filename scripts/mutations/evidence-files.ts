// The files of a run's folder in memory, and how each is made of records.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** By path within the folder. */
export type Files = ReadonlyMap<string, Buffer>;

/** Conclusions follow from the rest, and are not judged. */
const isConclusion = (name: string) =>
  /^(timeline\.json|result\.json|conclusions\.json|report\.html|.*\.pcapng)$/.test(name);

export const readFiles = (folder: string): Files =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
      .filter((name) => !isConclusion(name))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );

/** Make the folder hold these files and no others. `before` is what it holds. */
export const writeFiles = (folder: string, files: Files, before: Files = new Map()): void => {
  for (const name of before.keys()) if (!files.has(name)) rmSync(join(folder, name), { force: true });
  for (const [name, content] of files) {
    if (before.get(name) === content) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
};

/** What witnesses wrote; the rest is the plan, the source, the journal and the seal. */
export const isEvidence = (name: string): boolean =>
  /^(api|wire|counters-(client|proxy|server))\.ndjson$|^(client|proxy|server)\.pcap$|^(ss|strace)-.*\.txt$/.test(name);

/** A file as its head, which is no record, and its records; joined they are the file. */
export type Split = { head: Buffer; records: Buffer[] };

export const split = (name: string, content: Buffer): Split => {
  if (name.endsWith('.pcap')) return splitCapture(content);
  const parts = name.endsWith('.ndjson') ? content.toString().split(/(?<=\n)/) : content.toString().split(/^(?=# )/m);
  return { head: Buffer.alloc(0), records: parts.map((part) => Buffer.from(part)) };
};

export const joined = ({ head, records }: Split): Buffer => Buffer.concat([head, ...records]);

const splitCapture = (content: Buffer): Split => {
  const records: Buffer[] = [];
  for (let at = 24; at + 16 <= content.length; ) {
    const next = at + 16 + content.readUInt32LE(at + 8);
    records.push(content.subarray(at, next));
    at = next;
  }
  return { head: content.subarray(0, 24), records };
};
