// The Internet checksum (RFC 1071), which IPv4 keeps over its header and TCP over a pseudo-header, its header and its payload.

import { byteAt } from './bytes.ts';

/** What stands in a checksum field, or is to: the right one, a wrong one, or the given 16 bits. */
export type Checksum = 'right' | 'wrong' | number;

/** Sum of 16-bit words, not yet folded. `initial` is the sum of what stands before. */
export const sum = (bytes: Uint8Array, begin: number, end: number, initial = 0): number => {
  let total = initial;
  const even = end - ((end - begin) & 1);
  for (let at = begin; at < even; at += 2) total += (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
  return even < end ? total + (byteAt(bytes, even) << 8) : total;
};

/** Fold a sum into 16 bits. Over data that includes its own right checksum this gives 0xffff. */
export const fold = (total: number): number => {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
};

/**
 * Sum of TCP's pseudo-header (RFC 9293, section 3.1; RFC 8200, section 8.1): the addresses stand in the frame from
 * `begin` to `end`.
 */
export const pseudoHeaderSum = (bytes: Uint8Array, begin: number, end: number, tcpLength: number): number =>
  sum(bytes, begin, end, protocolTcp + tcpLength);

/** The 16 bits to write, given the folded sum over everything with the checksum field at zero. */
export const chooseChecksum = (wanted: Checksum, total: number): number => {
  if (typeof wanted === 'number') return wanted;
  const right = ~fold(total) & 0xffff;
  return wanted === 'right' ? right : right ^ 0x5555;
};

const protocolTcp = 6;
