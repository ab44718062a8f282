// The IPv6 header (RFC 8200) and the extension headers that may stand before a TCP segment. Addresses are text in the
// one form that inet_ntop(3), ss and RFC 5952 give them.
import { byteAt, readUint16, writeUint16 } from './bytes.ts';
import { ethernetHeaderLength } from './ethernet.ts';

const ipOffset = ethernetHeaderLength;
const fixedHeader = 40;
const tcp = 6;
const fragment = 44;

export type Ipv6Fields = {
  sourceAddress: string;
  destinationAddress: string;
  /** Traffic class: DSCP in the upper six bits, ECN in the lower two. */
  tos: number;
  /** 20 bits. */
  flowLabel: number;
  /** Hop limit. */
  ttl: number;
};

/** Write the header of a packet that carries `length` bytes of TCP and no extension header. */
export const writeIpv6 = (frame: Uint8Array, fields: Ipv6Fields, length: number): void => {
  const { tos, flowLabel, ttl } = fields;
  frame[ipOffset] = 0x60 | (tos >>> 4);
  frame[ipOffset + 1] = ((tos & 0x0f) << 4) | ((flowLabel >>> 16) & 0x0f);
  writeUint16(frame, ipOffset + 2, flowLabel);
  writeUint16(frame, ipOffset + 4, length);
  frame[ipOffset + 6] = tcp;
  frame[ipOffset + 7] = ttl;
  frame.set(parseAddress6(fields.sourceAddress), ipOffset + 8);
  frame.set(parseAddress6(fields.destinationAddress), ipOffset + 24);
};

/** What keeps a frame's IPv6 packet from being (the first fragment of) a TCP segment; `undefined` when nothing does. */
export const ipv6Obstacle = (frame: Uint8Array): string | undefined => {
  if (frame.length < ipOffset + fixedHeader) return 'the IPv6 header is cut short';
  const version = byteAt(frame, ipOffset) >>> 4;
  if (version !== 6) return `the IPv6 header states version ${version}`;
  const { next, offset, isLaterFragment } = walk(frame);
  if (isLaterFragment) return 'the packet is a later fragment, without a TCP header';
  if (next === tcp) return undefined;
  if (extensions.has(next)) return 'the IPv6 extension headers are cut short';
  return `the packet carries ${protocols[next] ?? `protocol ${next}`} at byte ${offset}, not TCP`;
};

/** Where the TCP header begins in the frame, behind the extension headers. */
export const tcpOffset6 = (frame: Uint8Array): number =>
  frame[ipOffset + 6] === tcp ? ipOffset + fixedHeader : walk(frame).offset;

/** Where the packet ends in the frame, as its header states it. */
export const packetEnd6 = (frame: Uint8Array): number => ipOffset + fixedHeader + readUint16(frame, ipOffset + 4);

/** Whether there is a fragment header that announces more. */
export const moreFragments6 = (frame: Uint8Array): boolean => walk(frame).hasMore;

/** The protocol behind the extension headers; the kind of one that is cut short. */
export const protocolOf6 = (frame: Uint8Array): number => walk(frame).next;

/** `from` is where it begins in the frame. */
export type ExtensionHeader = { kind: number; from: number; length: number };

/** Those before TCP, in order. */
export const extensionHeaders = (frame: Uint8Array): ExtensionHeader[] => walk(frame).headers;

/** RFC 8200, section 4: each header names the next one. Never reads beyond the end of the frame. */
const walk = (frame: Uint8Array) => {
  const headers: ExtensionHeader[] = [];
  let next = byteAt(frame, ipOffset + 6);
  let offset = ipOffset + fixedHeader;
  let isLaterFragment = false;
  let hasMore = false;
  while (extensions.has(next) && offset + 8 <= frame.length) {
    if (next === fragment) {
      const place = readUint16(frame, offset + 2);
      isLaterFragment ||= place >>> 3 !== 0;
      hasMore ||= (place & 1) !== 0;
    }
    const length = next === fragment ? 8 : (byteAt(frame, offset + 1) + 1) * 8;
    headers.push({ kind: next, from: offset, length });
    next = byteAt(frame, offset);
    offset += length;
  }
  return { next, offset, isLaterFragment, hasMore, headers };
};

/** Hop-by-hop options, routing, fragment, destination options. */
const extensions = new Set([0, 43, fragment, 60]);
const protocols: Record<number, string> = { 17: 'UDP', 50: 'ESP', 51: 'AH', 58: 'ICMPv6', 59: 'nothing' };

/** The address in a frame's header: the source's stands 8 bytes into it, the destination's 24. */
export const addressIn6 = (frame: Uint8Array, offset: 8 | 24): string =>
  readAddress6(frame.subarray(ipOffset + offset, ipOffset + offset + 16));

/** An address as text, from its 16 bytes. */
export const readAddress6 = (bytes: Uint8Array): string => {
  const groups = Array.from({ length: 8 }, (_, index) => readUint16(bytes, index * 2));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? `::ffff:${Array.from(bytes.subarray(12, 16)).join('.')}` : formatAddress6(groups);
};

/**
 * RFC 5952, section 4: lower case, no leading zeros, `::` for the longest run of two zero groups or more, the first of
 * equal ones.
 */
export const formatAddress6 = (groups: readonly number[]): string => {
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
    if (length > 0) from += length - 1;
  }
  const words = groups.map((group) => group.toString(16));
  if (best.length < 2) return words.join(':');
  return `${words.slice(0, best.from).join(':')}::${words.slice(best.from + best.length).join(':')}`;
};

/**
 * The 16 bytes of an address.
 * @throws {RangeError} when the text is not an IPv6 address.
 */
export const parseAddress6 = (text: string): Uint8Array => {
  const [head = '', tail, ...more] = expandTail(text).split('::');
  const left = groupsIn(head);
  const right = tail === undefined ? [] : groupsIn(tail);
  const missing = 8 - left.length - right.length;
  const groups =
    tail === undefined ? left : [...left, ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...right];
  const isAddress =
    more.length === 0 &&
    groups.length === 8 &&
    (tail === undefined || missing >= 1) &&
    groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  if (!isAddress) throw new RangeError(`"${text}" is not an IPv6 address: write it as 2001:db8::1`);
  const bytes = new Uint8Array(16);
  for (const [index, group] of groups.entries()) writeUint16(bytes, index * 2, Number.parseInt(group, 16));
  return bytes;
};

const groupsIn = (text: string): string[] => (text === '' ? [] : text.split(':'));

/** `::ffff:192.0.2.1` with its last 32 bits as two groups. */
const expandTail = (text: string): string =>
  text.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (all, ...parts: string[]) => {
    const bytes = parts.slice(0, 4).map(Number);
    if (bytes.some((byte) => byte > 255)) return all;
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
