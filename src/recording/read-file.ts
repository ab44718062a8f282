// Reads a file of a folder that anybody may have made: a pipe would never end, a device or a huge file would fill the memory.
import { constants as limits } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Open a regular file, use it, and close it. Throws when it is anything else. */
export const withRegularFile = <T>(path: string, use: (file: number, size: number) => T): T => {
  // Without O_NONBLOCK open(2) itself waits for somebody to write into a pipe.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(`${path} is no regular file`);
    return use(file, stat.size);
  } finally {
    closeSync(file);
  }
};

/** The whole content. Throws when it is no regular file, or longer than a text can be in this process (512 MiB). */
export const readRegularFile = (path: string): Buffer =>
  withRegularFile(path, (file, size) => {
    if (size > limits.MAX_STRING_LENGTH) throw new Error(`${path} is too large to be read: ${size} bytes`);
    return readFileSync(file);
  });
