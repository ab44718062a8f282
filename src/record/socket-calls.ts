// The calls that move bytes on a socket, by the names POSIX and Linux give them.

/** They take what has come. */
export const readCalls = ['read', 'readv', 'recv', 'recvmsg', 'recvmmsg'] as const;

/** They give what is to be sent. */
export const writeCalls = ['write', 'writev', 'send', 'sendmsg', 'sendmmsg', 'sendfile', 'splice'] as const;

const reads: ReadonlySet<string> = new Set(readCalls);
const writes: ReadonlySet<string> = new Set(writeCalls);

export const isRead = ({ api }: { api: string }): boolean => reads.has(api);
export const isWrite = ({ api }: { api: string }): boolean => writes.has(api);
