// getsockopt(2) and setsockopt(2) on a descriptor, by the names of the man pages.
import type { Libc } from './libc.ts';
import { decodeOption, encodeOption, findOption } from './socket-options.ts';

/** The option's value: a number, `{ on, seconds }` for SO_LINGER, a name for TCP_CONGESTION, hexadecimal digits for TCP_INFO. */
export const getOption = (libc: Libc, fd: number, [level, name]: unknown[]): unknown => {
  const option = findOption(level, name);
  const bytes = Buffer.alloc(lengths[option.form] ?? 4);
  const length = Buffer.from(Uint32Array.of(bytes.length).buffer);
  libc.call('getsockopt', fd, option.level, option.name, bytes, length);
  return decodeOption(option.form, bytes.subarray(0, length.readUInt32LE(0)));
};

export const setOption = (libc: Libc, fd: number, [level, name, value]: unknown[]): void => {
  const option = findOption(level, name);
  const bytes = encodeOption(option.form, value);
  libc.call('setsockopt', fd, option.level, option.name, bytes, bytes.length);
};

const lengths: Partial<Record<ReturnType<typeof findOption>['form'], number>> = {
  linger: 8,
  time: 16,
  text: 16,
  bytes: 512,
};
