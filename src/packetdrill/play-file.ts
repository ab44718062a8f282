// Reads a script from its file and plays it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Host } from '../experiment/vocabulary.ts';
import type { Session } from '../session/session.ts';
import { parseScript } from './notation/parse.ts';
import { PktError } from './notation/pkt-error.ts';
import type { PktScript } from './notation/script.ts';
import { playScript } from './player/play.ts';

/** Play the script in a file, with calls in processes on `server`. Throws PktError for what it cannot play. */
export const playFile = (session: Session, server: Host, path: string): Promise<void> =>
  playScript(session, server, readScript(path), path);

/** Read and understand a script. Throws PktError, whose message begins with file and line. */
export const readScript = (path: string): PktScript => {
  try {
    return parseScript(readFileSync(path, 'utf8'), basename(path));
  } catch (error) {
    if (!(error instanceof PktError)) throw error;
    throw new PktError(error.line, `${path}:${error.line}: ${error.message}`);
  }
};
