// getsockopt(2) and setsockopt(2) on a descriptor, by the names of the man pages.
import type { Libc } from './libc.ts';
import { decodeOption, encodeOption, findOption } from './socket-options.ts';

/**
 * The option's value (a number, `{ on, seconds }` for SO_LINGER, a name for TCP_CONGESTION, hexadecimal digits for
 * TCP_INFO) and the bytes in which the kernel gave it. `room` is the length of the buffer; default: what the option
 * needs.
 */
export const getOption = (
  libc: Libc,
  fd: number,
  [level, name]: unknown[],
  room?: number,
): { option: unknown; length: number } => {
  const option = findOption(level, name);
  const needed = lengths[option.form] ?? 4;
  const bytes = Buffer.alloc(Math.max(needed, room ?? 0));
  const given = Buffer.from(Uint32Array.of(room ?? needed).buffer);
  libc.call('getsockopt', fd, option.level, option.name, bytes, given);
  const length = given.readUInt32LE(0);
  // A number that was cut short is still one: the buffer was zero.
  return { option: decodeOption(option.form, bytes.subarray(0, Math.max(length, minimum[option.form] ?? 0))), length };
};

export const setOption = (libc: Libc, fd: number, [level, name, value]: unknown[]): void => {
  const option = findOption(level, name);
  const bytes = encodeOption(option.form, value);
  libc.call('setsockopt', fd, option.level, option.name, bytes, bytes.length);
};

type ByForm = Partial<Record<ReturnType<typeof findOption>['form'], number>>;
const lengths: ByForm = { linger: 8, time: 16, text: 16, bytes: 512 };
const minimum: ByForm = { number: 4, linger: 8, time: 16 };
