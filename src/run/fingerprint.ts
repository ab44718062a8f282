// What tells a file from every other: how long it is, and its SHA-256.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Fingerprint = { bytes: number; sha256: string };

export const fingerprintOf = (content: Uint8Array): Fingerprint => ({
  bytes: content.length,
  sha256: hash('sha256', content, 'hex'),
});

/** Throws when there is no such file. */
export const fingerprint = (folder: string, name: string): Fingerprint =>
  fingerprintOf(readFileSync(join(folder, name)));
