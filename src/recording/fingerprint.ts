// What tells a file from every other: how long it is, and its SHA-256.
import { createHash, hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { join } from 'node:path';
import { withRegularFile } from './read-file.ts';

export type Fingerprint = { bytes: number; sha256: string };

export const fingerprintOf = (content: Uint8Array): Fingerprint => ({
  bytes: content.length,
  sha256: hash('sha256', content, 'hex'),
});

/** Throws when there is no such file, or when it is no regular one. */
export const fingerprint = (folder: string, name: string): Fingerprint => withRegularFile(join(folder, name), read);

/** Whether there is such a file, and it is the one meant. One of another length is not read. */
export const isThatFile = (folder: string, name: string, meant: Fingerprint | undefined): boolean => {
  try {
    return withRegularFile(
      join(folder, name),
      (file, size) => size === meant?.bytes && read(file).sha256 === meant.sha256,
    );
  } catch {
    return false;
  }
};

const read = (file: number): Fingerprint => {
  const sum = createHash('sha256');
  const part = Buffer.allocUnsafe(1 << 20);
  let bytes = 0;
  for (let length = readSync(file, part); length > 0; length = readSync(file, part)) {
    sum.update(part.subarray(0, length));
    bytes += length;
  }
  return { bytes, sha256: sum.digest('hex') };
};
