// TCP options (RFC 9293, section 3.1; window scale and timestamps RFC 7323; SACK RFC 2018), as a list that keeps every byte.
// Decoding takes any bytes: what cannot be read as options becomes `raw`, and encoding the list again gives the same bytes.
import { byteAt, readUint16, readUint32, writeUint16, writeUint32 } from './bytes.ts';

export type TcpOption =
  | { name: 'nop' }
  /** Maximum segment size in bytes. */
  | { name: 'mss'; value: number }
  /** The window is to be shifted left by so many bits. */
  | { name: 'windowScale'; shift: number }
  | { name: 'sackPermitted' }
  /** Left and right edges, absolute. */
  | { name: 'sack'; blocks: [left: number, right: number][] }
  | { name: 'timestamps'; value: number; echo: number }
  /** Any other kind, and a known kind whose length is not its own. */
  | { name: 'other'; kind: number; data: Uint8Array }
  /** Bytes as they stand up to the end of the header: a length that leads nowhere, or anything behind an end-of-list. */
  | { name: 'raw'; data: Uint8Array };

/** Read the options that stand between two offsets. */
export const decodeOptions = (bytes: Uint8Array, begin: number, end: number): TcpOption[] => {
  const options: TcpOption[] = [];
  let at = begin;
  while (at < end) {
    const kind = byteAt(bytes, at);
    if (kind === kinds.nop) {
      options.push({ name: 'nop' });
      at += 1;
      continue;
    }
    const length = at + 1 < end ? byteAt(bytes, at + 1) : 0;
    if (kind === kinds.end || length < 2 || at + length > end) {
      if (!isPadding(bytes, at, end)) options.push({ name: 'raw', data: bytes.slice(at, end) });
      return options;
    }
    options.push(decodeOne(bytes, at, kind, length));
    at += length;
  }
  return options;
};

/**
 * The options as bytes, filled with zeros (end of list) to a multiple of 4.
 * @throws {RangeError} when they take more than the 40 bytes a header has for them.
 */
export const encodeOptions = (options: readonly TcpOption[]): Uint8Array => {
  const used = options.reduce((total, option) => total + optionLength(option), 0);
  if (used > 40)
    throw new RangeError(`The TCP options take ${used} bytes and a header has room for 40: leave some out`);
  const bytes = new Uint8Array((used + 3) & ~3);
  let at = 0;
  for (const option of options) {
    encodeOne(bytes, at, option);
    at += optionLength(option);
  }
  return bytes;
};

const kinds = { end: 0, nop: 1, mss: 2, windowScale: 3, sackPermitted: 4, sack: 5, timestamps: 8 };

const decodeOne = (bytes: Uint8Array, at: number, kind: number, length: number): TcpOption => {
  if (kind === kinds.timestamps && length === 10) {
    return { name: 'timestamps', value: readUint32(bytes, at + 2), echo: readUint32(bytes, at + 6) };
  }
  if (kind === kinds.mss && length === 4) return { name: 'mss', value: readUint16(bytes, at + 2) };
  if (kind === kinds.windowScale && length === 3) return { name: 'windowScale', shift: bytes[at + 2] as number };
  if (kind === kinds.sackPermitted && length === 2) return { name: 'sackPermitted' };
  if (kind === kinds.sack && length >= 10 && (length - 2) % 8 === 0) {
    const blocks = Array.from({ length: (length - 2) / 8 }, (_, index): [number, number] => [
      readUint32(bytes, at + 2 + index * 8),
      readUint32(bytes, at + 6 + index * 8),
    ]);
    return { name: 'sack', blocks };
  }
  return { name: 'other', kind, data: bytes.slice(at + 2, at + length) };
};

// Up to three zeros are what encoding fills up with; more than that somebody wrote on purpose.
const isPadding = (bytes: Uint8Array, begin: number, end: number) => {
  for (let at = begin; at < end; at++) if (bytes[at] !== 0) return false;
  return end - begin < 4;
};

/** Bytes it takes in the header. */
export const optionLength = (option: TcpOption): number => {
  if (option.name === 'sack') return 2 + option.blocks.length * 8;
  if (option.name === 'other') return 2 + option.data.length;
  if (option.name === 'raw') return option.data.length;
  return fixedLengths[option.name];
};

const fixedLengths = { nop: 1, mss: 4, windowScale: 3, sackPermitted: 2, timestamps: 10 };

const encodeOne = (bytes: Uint8Array, at: number, option: TcpOption) => {
  if (option.name === 'raw') return bytes.set(option.data, at);
  bytes[at] = option.name === 'other' ? option.kind : kinds[option.name];
  if (option.name === 'nop') return;
  bytes[at + 1] = optionLength(option);
  if (option.name === 'mss') writeUint16(bytes, at + 2, option.value);
  else if (option.name === 'windowScale') bytes[at + 2] = option.shift;
  else if (option.name === 'other') bytes.set(option.data, at + 2);
  else if (option.name === 'timestamps') {
    writeUint32(bytes, at + 2, option.value);
    writeUint32(bytes, at + 6, option.echo);
  } else if (option.name === 'sack') {
    for (const [index, edge] of option.blocks.flat().entries()) writeUint32(bytes, at + 2 + index * 4, edge);
  }
};
