// What is said while an engine is brought, and what is thrown when it cannot be.

export class Failure extends Error {
  readonly remedy: string;
  /** What the program that failed has printed. */
  readonly log: string;
  constructor(message: string, remedy: string, log = '') {
    super(message);
    this.remedy = remedy;
    this.log = log;
  }
}

export const say = (words: string): void => void process.stderr.write(`docker-engine: ${words}\n`);
