// Socket options by name: their numbers on Linux (the same on x86-64 and arm64) and the form of their values.
import { failure } from './errno.ts';

/** Level and number of an option. Throws ENOPROTOOPT for a name not in the tables. */
export const findOption = (level: unknown, name: unknown): { level: number; name: number; form: Form } => {
  const options = levels[String(level)];
  const option = options?.names[String(name)];
  if (!options || option === undefined) {
    const known = options ? Object.keys(options.names) : Object.keys(levels);
    throw failure('ENOPROTOOPT', `There is no socket option ${level}, ${name} here. Known are ${known.join(', ')}.`);
  }
  return { level: options.number, name: option, form: formOf(String(name)) };
};

/** The names of a level's options; none for a level there is not. */
export const optionsOf = (level: string): string[] => Object.keys(levels[level]?.names ?? {});
/** The form of an option's value. */
export const formOf = (name: string): Form => forms[name] ?? 'number';

/** The bytes setsockopt(2) wants. */
export const encodeOption = (form: Form, value: unknown): Buffer => {
  if (form === 'text') return Buffer.from(String(value));
  if (form === 'time') return timeval(Number(value));
  if (form === 'bytes') return Buffer.from(String(value), 'hex');
  if (form === 'linger') {
    const { on, seconds } = value as { on: boolean; seconds: number };
    return integers(Number(on), seconds);
  }
  return integers(Number(value));
};

/** What getsockopt(2) left in the buffer, as a value JSON can carry. TCP_INFO comes as hexadecimal digits. */
export const decodeOption = (form: Form, bytes: Buffer): unknown => {
  if (form === 'text') return bytes.toString('latin1').replace(/\0.*$/s, '');
  if (form === 'time') return Number(bytes.readBigInt64LE(0)) + Number(bytes.readBigInt64LE(8)) / 1e6;
  if (form === 'bytes') return bytes.toString('hex');
  if (form === 'linger') return { on: bytes.readInt32LE(0) !== 0, seconds: bytes.readInt32LE(4) };
  return bytes.readInt32LE(0);
};

export type Form = 'number' | 'linger' | 'text' | 'time' | 'bytes';

const integers = (...values: number[]): Buffer => Buffer.from(Int32Array.from(values).buffer);
const timeval = (seconds: number): Buffer =>
  Buffer.from(BigInt64Array.from([BigInt(Math.trunc(seconds)), BigInt(Math.round((seconds % 1) * 1e6))]).buffer);

/** Every other option is one int. SO_RCVTIMEO and SO_SNDTIMEO are in seconds. */
const forms: Record<string, Form> = {
  SO_LINGER: 'linger',
  SO_RCVTIMEO: 'time',
  SO_SNDTIMEO: 'time',
  SO_BINDTODEVICE: 'text',
  TCP_CONGESTION: 'text',
  TCP_INFO: 'bytes',
};

// include/uapi/asm-generic/socket.h and include/uapi/linux/tcp.h
const levels: Record<string, { number: number; names: Record<string, number> }> = {
  SOL_SOCKET: {
    number: 1,
    names: {
      SO_REUSEADDR: 2,
      SO_TYPE: 3,
      SO_ERROR: 4,
      SO_SNDBUF: 7,
      SO_RCVBUF: 8,
      SO_KEEPALIVE: 9,
      SO_LINGER: 13,
      SO_REUSEPORT: 15,
      SO_RCVLOWAT: 18,
      SO_RCVTIMEO: 20,
      SO_SNDTIMEO: 21,
      SO_BINDTODEVICE: 25,
      SO_ACCEPTCONN: 30,
    },
  },
  IPPROTO_TCP: {
    number: 6,
    names: {
      TCP_NODELAY: 1,
      TCP_MAXSEG: 2,
      TCP_CORK: 3,
      TCP_KEEPIDLE: 4,
      TCP_KEEPINTVL: 5,
      TCP_KEEPCNT: 6,
      TCP_SYNCNT: 7,
      TCP_LINGER2: 8,
      TCP_DEFER_ACCEPT: 9,
      TCP_WINDOW_CLAMP: 10,
      TCP_INFO: 11,
      TCP_QUICKACK: 12,
      TCP_CONGESTION: 13,
      TCP_USER_TIMEOUT: 18,
      TCP_FASTOPEN: 23,
      TCP_NOTSENT_LOWAT: 25,
    },
  },
};

export const socketLevels = Object.keys(levels);
