// What is known of something that was thrown.

/** Its message, if it is an error; else itself as text. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** The code of an error of Node or of the kernel (`ENOENT`, `ERR_SOCKET_BAD_PORT`); undefined where it has none. */
export const errorCodeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

/** Where it was thrown; of what is no error, itself as text. */
export const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
