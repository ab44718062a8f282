// The command line is wrong. The CLI exits with 64.
export class UsageError extends Error {
  override name = 'UsageError';
}
