// What set-up throws when it cannot go on: the cause, the remedy, and the log of the program that failed.

export class SetupError extends Error {
  /**
   * @param {string} cause one sentence
   * @param {string} remedy what to do, one sentence or one command
   * @param {string} [log] what the failing program printed
   */
  constructor(cause, remedy, log) {
    super(cause);
    this.remedy = remedy;
    this.log = log;
  }
}

const network =
  /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|Temporary failure resolving|Could not resolve|Could not connect|Network is unreachable/;

/**
 * The causes npm and apt-get share, recognised by what they print.
 * @param {string} what the act that failed, as in `installing the npm packages`
 * @param {string} log
 */
export const sharedCause = (what, log) => {
  if (/ENOSPC|No space left on device/.test(log)) return diskFull(what, log);
  if (network.test(log)) {
    return new SetupError(
      `${what} failed because the network did not answer.`,
      'Check the connection and any proxy settings, then run the same command again. Once set up, finwait needs no network.',
      log,
    );
  }
  return undefined;
};

/**
 * @param {string} what as above
 * @param {string} log
 */
export const diskFull = (what, log) =>
  new SetupError(
    `${what} failed because the disk is full.`,
    'Free about 600 MB, then run the same command again.',
    log,
  );
