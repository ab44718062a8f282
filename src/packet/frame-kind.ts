// What a frame carries, for those that hold no TCP segment: named by its network and, within IP, its protocol.
import { readUint16 } from './bytes.ts';
import { ethernetHeaderLength } from './ethernet.ts';
import { decodeFrame } from './frame.ts';

export type FrameKind = { network: string; protocol?: string };

/** Undefined for a TCP segment. Takes any bytes and never throws. */
export const otherKind = (frame: Uint8Array): FrameKind | undefined => {
  if (decodeFrame(frame)) return undefined;
  if (frame.length < ethernetHeaderLength) return { network: 'Ethernet' };
  const type = readUint16(frame, ethernetHeaderLength - 2);
  if (type === 0x0806) return { network: 'ARP' };
  if (type === 0x0800) return { network: 'IPv4', protocol: protocolName(frame[ethernetHeaderLength + 9]) };
  if (type === 0x86dd) return { network: 'IPv6', protocol: protocolName(protocolOfIpv6(frame)) };
  return { network: `Ethernet type 0x${type.toString(16).padStart(4, '0')}` };
};

/** The first header that is no extension header (RFC 8200, section 4). */
const protocolOfIpv6 = (frame: Uint8Array): number | undefined => {
  let next = frame[ethernetHeaderLength + 6];
  let at = ethernetHeaderLength + 40;
  while (next !== undefined && extensions.has(next) && at < frame.length) {
    const length = next === fragment ? 8 : 8 * ((frame[at + 1] ?? 0) + 1);
    next = frame[at];
    at += length;
  }
  return next;
};

const fragment = 44;
/** Hop-by-hop options, routing, fragment, destination options. */
const extensions = new Set([0, 43, fragment, 60]);

/** IANA's protocol numbers. TCP is named too: a later fragment, or a header that is cut short, is no segment. */
const names: Record<number, string> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP' };

const protocolName = (number: number | undefined) => names[number ?? -1] ?? `protocol ${number ?? 'unknown'}`;
