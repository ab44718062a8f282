// The TCP header (RFC 9293, section 3.1).
import { byteAt, writeUint16, writeUint32 } from './bytes.ts';
import { type Checksum, chooseChecksum, pseudoHeaderSum, sum } from './checksum.ts';
import { parseFlags } from './flags.ts';
import { isIpv6, packetEnd, tcpOffsetOf } from './ip.ts';
import { ipOffset } from './ipv4.ts';
import { layOutOptions, type TcpOptions } from './option-summary.ts';
import { encodeOptions, type TcpOption } from './options.ts';

export type TcpFields = {
  sourcePort: number;
  destinationPort: number;
  /** Absolute, modulo 2^32. */
  seq: number;
  /** Absolute, modulo 2^32. Written as it is, with or without the ACK flag. */
  ack: number;
  /** tcpdump's letters in any order: `S`, `S.`, `FP.` */
  flags: string;
  /** The four bits between data offset and flags. */
  reserved: number;
  /** As it stands in the header, not scaled. */
  window: number;
  tcpChecksum: Checksum;
  /** The urgent pointer. */
  urgent: number;
};

/** Write header, options and payload behind the IP header, which must stand already: the checksum includes its addresses. */
export const writeTcp = (frame: Uint8Array, fields: TcpFields, options: Uint8Array, payload: Uint8Array): void => {
  const at = tcpOffsetOf(frame);
  const headerLength = 20 + options.length;
  const length = headerLength + payload.length;
  writeUint16(frame, at, fields.sourcePort);
  writeUint16(frame, at + 2, fields.destinationPort);
  writeUint32(frame, at + 4, fields.seq);
  writeUint32(frame, at + 8, fields.ack);
  frame[at + 12] = (headerLength << 2) | fields.reserved;
  frame[at + 13] = parseFlags(fields.flags);
  writeUint16(frame, at + 14, fields.window);
  writeUint16(frame, at + 18, fields.urgent);
  frame.set(options, at + 20);
  frame.set(payload, at + headerLength);
  const total = sum(frame, at, at + length, addressSum(frame, length));
  writeUint16(frame, at + 16, chooseChecksum(fields.tcpChecksum, total));
};

/** The pseudo-header's sum over the addresses of the frame's own IP header and a length of TCP. */
export const addressSum = (frame: Uint8Array, tcpLength: number): number =>
  isIpv6(frame)
    ? pseudoHeaderSum(frame, ipOffset + 8, ipOffset + 40, tcpLength)
    : pseudoHeaderSum(frame, ipOffset + 12, ipOffset + 20, tcpLength);

/** Options as bytes, from names or from an exact list. */
export const optionBytes = (options: TcpOptions | readonly TcpOption[]): Uint8Array =>
  encodeOptions(Array.isArray(options) ? options : layOutOptions(options as TcpOptions));

/** What keeps the datagram from holding a whole TCP header; `undefined` when nothing does. */
export const tcpObstacle = (frame: Uint8Array): string | undefined => {
  const at = tcpOffsetOf(frame);
  const room = packetEnd(frame) - at;
  if (room < 20) return `the length in the IP header leaves ${Math.max(room, 0)} bytes for a TCP header of at least 20`;
  if (frame.length < at + 20) return 'the TCP header is cut short';
  const headerLength = tcpHeaderLength(frame, at);
  if (headerLength < 20) return `the TCP header states a length of ${headerLength} bytes, less than 20`;
  if (headerLength > room)
    return `the TCP header states a length of ${headerLength} bytes where the datagram has ${room}`;
  if (frame.length < at + headerLength) return 'the TCP options are cut short';
  return undefined;
};

export const tcpHeaderLength = (frame: Uint8Array, tcpOffset: number): number =>
  (byteAt(frame, tcpOffset + 12) >>> 4) << 2;
