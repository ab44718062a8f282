// Records what a process writes, line by line, exactly as written: line ends are kept, and a prompt without one is not held back.
import type { Readable } from 'node:stream';

/** `record` gets each line with its line end, and at the end of a chunk whatever is left without one. */
export const recordOutput = (stream: Readable | null, record: (text: string) => void): void => {
  if (!stream) return;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    for (const line of chunk.match(/[^\n]*\n|[^\n]+$/g) ?? []) record(line);
  });
};
