// Records what a process writes, line by line, exactly as written: line ends are kept, and a prompt without one is not held
// back for longer than a moment, in which the rest of it may come.
import type { Readable } from 'node:stream';

/** `record` gets each line with its line end, and after a moment whatever is left without one. */
export const recordOutput = (stream: Readable | null, record: (text: string) => void): void => {
  if (!stream) return;
  let begun = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    if (begun !== '') record(begun);
    begun = '';
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    clearTimeout(timer);
    const lines = (begun + chunk).match(/[^\n]*\n|[^\n]+$/g) ?? [];
    begun = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
    for (const line of lines) record(line);
    if (begun !== '') timer = setTimeout(flush, momentMilliseconds);
  });
  stream.on('end', flush);
  stream.on('close', flush);
};

const momentMilliseconds = 20;
