/** A sentence on the error output, beside what was asked for. */
export const tell = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
