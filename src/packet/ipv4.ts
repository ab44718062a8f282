// The IPv4 header (RFC 791), as far as a TCP segment needs it.
import { byteAt, readUint16, readUint32, writeUint16, writeUint32 } from './bytes.ts';
import { type Checksum, chooseChecksum, sum } from './checksum.ts';
import { ethernetHeaderLength } from './ethernet.ts';

/** Where the IPv4 header begins in a frame. */
export const ipOffset = ethernetHeaderLength;

export type Ipv4Fields = {
  sourceAddress: string;
  destinationAddress: string;
  /** Type of service: DSCP in the upper six bits, ECN in the lower two. */
  tos: number;
  id: number;
  dontFragment: boolean;
  moreFragments: boolean;
  /** In bytes, a multiple of 8. */
  fragmentOffset: number;
  ttl: number;
  /** Header and everything behind it, in bytes. */
  totalLength: number;
  ipChecksum: Checksum;
  /** The options as they stand in the header, a multiple of 4 bytes and 40 at most. */
  ipOptions: Uint8Array;
};

/** Write the header of a datagram that carries TCP. */
export const writeIpv4 = (frame: Uint8Array, fields: Ipv4Fields): void => {
  const { dontFragment, moreFragments, fragmentOffset, ipOptions } = fields;
  const headerLength = 20 + ipOptions.length;
  frame[ipOffset] = 0x40 | (headerLength >>> 2);
  frame[ipOffset + 1] = fields.tos;
  writeUint16(frame, ipOffset + 2, fields.totalLength);
  writeUint16(frame, ipOffset + 4, fields.id);
  writeUint16(frame, ipOffset + 6, (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | (fragmentOffset >>> 3));
  frame[ipOffset + 8] = fields.ttl;
  frame[ipOffset + 9] = protocolTcp;
  writeUint32(frame, ipOffset + 12, parseAddress(fields.sourceAddress));
  writeUint32(frame, ipOffset + 16, parseAddress(fields.destinationAddress));
  frame.set(ipOptions, ipOffset + 20);
  writeUint16(frame, ipOffset + 10, chooseChecksum(fields.ipChecksum, sum(frame, ipOffset, ipOffset + headerLength)));
};

/**
 * What keeps an Ethernet frame's IPv4 datagram from being (the first fragment of) a TCP segment; `undefined` when
 * nothing does.
 */
export const ipv4Obstacle = (frame: Uint8Array): string | undefined => {
  if (frame.length < ipOffset + 20) return 'the IPv4 header is cut short';
  const version = byteAt(frame, ipOffset) >>> 4;
  if (version !== 4) return `the IPv4 header states version ${version}`;
  const headerLength = ipv4HeaderLength(frame);
  if (headerLength < 20) return `the IPv4 header states a length of ${headerLength} bytes, less than 20`;
  if (frame.length < ipOffset + headerLength) return 'the IPv4 options are cut short';
  const protocol = byteAt(frame, ipOffset + 9);
  if (protocol !== protocolTcp) return `the datagram carries ${protocols[protocol] ?? `protocol ${protocol}`}, not TCP`;
  if ((readUint16(frame, ipOffset + 6) & 0x1fff) !== 0) return 'the datagram is a later fragment, without a TCP header';
  return undefined;
};

export const ipv4HeaderLength = (frame: Uint8Array): number => (byteAt(frame, ipOffset) & 0x0f) << 2;

/** Dotted decimal from 32 bits. */
export const formatAddress = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;

/**
 * 32 bits from dotted decimal.
 * @throws {RangeError} when the text is not an IPv4 address.
 */
export const parseAddress = (text: string): number => {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    throw new RangeError(`"${text}" is not an IPv4 address: write it as 192.0.2.1`);
  }
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
};

/** The address at `offset`, 12 or 16 bytes into the header. */
export const readAddress = (frame: Uint8Array, offset: 12 | 16): string =>
  formatAddress(readUint32(frame, ipOffset + offset));

const protocolTcp = 6;
const protocols: Record<number, string> = { 1: 'ICMP', 2: 'IGMP', 17: 'UDP' };
