// A script that cannot be played: it is not in the language, or it uses a part of the language finwait does not have.
export class PktError extends Error {
  override name = 'PktError';
  readonly code = 'EPKT';
  /** Counted from 1. */
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A part of packetdrill's language that is not supported: the sentence says so and what could be done instead. */
export const unsupported = (line: number, what: string, remedy?: string): PktError =>
  new PktError(line, `${what} not supported here.${remedy ? ` ${remedy}` : ''}`);
