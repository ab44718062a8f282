// A socket made only to be destroyed: when `ss -E` has reported it, all that was destroyed before it has been reported too.
import koffi from 'koffi';

// socket(2), asm-generic/socket.h
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_COOKIE = 57;

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)');
const getsockopt = libc.func('int getsockopt(int, int, int, _Out_ uint64_t *, _Inout_ uint32_t *)');
const close = libc.func('int close(int)');

/** Make a TCP socket, never bound, and close it. Returns its cookie, hexadecimal as ss writes it. */
export const destroyMarker = (): string => {
  const descriptor = socket(AF_INET, SOCK_STREAM, 0);
  const cookie = [0n];
  getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, cookie, [8]);
  close(descriptor);
  return BigInt(cookie[0] as bigint | number).toString(16);
};
