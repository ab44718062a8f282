// Numbers of the names a script passes to socket calls. Linux, the same on x86-64 and arm64.
import { failure } from '../errno.ts';

/** The number of a name, or of several names joined by OR; a number passes through. Throws EINVAL for a name not in the table. */
export const numberOf = (table: Record<string, number>, given: unknown): number => {
  if (typeof given === 'number') return given;
  const names = Array.isArray(given) ? given : String(given).split('|');
  return names.reduce((bits: number, name: string) => bits | one(table, name.trim()), 0);
};

/** The names of the bits that are set. */
export const namesOf = (table: Record<string, number>, bits: number): string[] =>
  Object.keys(table).filter((name) => bits & (table[name] as number));

export const domains = { AF_INET: 2, AF_INET6: 10 };
export const socketTypes = { SOCK_STREAM: 1, SOCK_NONBLOCK: 0o4000 };
/** SOCK_CLOEXEC. */
export const closeOnExec = 0o2000000;
export const shutdownWays = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 };
export const messageFlags = {
  MSG_OOB: 0x1,
  MSG_PEEK: 0x2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_WAITALL: 0x100,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
};
export const pollEvents = {
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDHUP: 0x2000,
};
export const signals = { SIGPIPE: 13 };
export const signalActions = { SIG_DFL: 0, SIG_IGN: 1 };

const one = (table: Record<string, number>, name: string): number => {
  const number = table[name];
  if (number === undefined)
    throw failure('EINVAL', `There is no ${name} here. Known are ${Object.keys(table).join(', ')}.`);
  return number;
};
