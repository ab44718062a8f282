// The calls that move bytes on a socket, by the names POSIX and Linux give them.

/** They take what has come. */
export const readCalls = ['read', 'readv', 'recv', 'recvmsg', 'recvmmsg'] as const;

/** They give what is to be sent. */
export const writeCalls = ['write', 'writev', 'send', 'sendmsg', 'sendmmsg', 'sendfile', 'splice'] as const;

const reads: ReadonlySet<string> = new Set(readCalls);
const writes: ReadonlySet<string> = new Set(writeCalls);

/** Whether it takes what has come: one that only looks leaves it where it is (MSG_PEEK in recv(2)). */
export const isRead = (call: Moving): boolean =>
  (reads.has(call.api) || takesBySplice(call)) &&
  !call.args?.some((arg) => typeof arg === 'string' && arg.includes('MSG_PEEK'));
export const isWrite = (call: Moving): boolean => writes.has(call.api) && !takesBySplice(call);

type Moving = { api: string; args?: readonly unknown[]; target?: string | undefined };

/** splice(2) goes either way: its first argument is where it takes from. */
const takesBySplice = ({ api, args = [], target }: Moving): boolean => api === 'splice' && target === `fd ${args[0]}`;
