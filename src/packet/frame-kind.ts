// What a frame carries, for those that hold no TCP segment: named by its network and, within IP, its protocol.
import { readUint16 } from './bytes.ts';
import { ethernetHeaderLength } from './ethernet.ts';
import { decodeFrame } from './frame.ts';
import { protocolOf6 } from './ipv6.ts';

export type FrameKind = { network: string; protocol?: string };

/** Undefined for a TCP segment. Takes any bytes and never throws. */
export const otherKind = (frame: Uint8Array): FrameKind | undefined => {
  if (decodeFrame(frame)) return undefined;
  if (frame.length < ethernetHeaderLength) return { network: 'Ethernet' };
  const type = readUint16(frame, ethernetHeaderLength - 2);
  if (type === 0x0806) return { network: 'ARP' };
  if (type === 0x0800) return { network: 'IPv4', protocol: protocolName(frame[ethernetHeaderLength + 9]) };
  if (type === 0x86dd) return { network: 'IPv6', protocol: protocolName(protocolOf6(frame)) };
  return { network: `Ethernet type 0x${type.toString(16).padStart(4, '0')}` };
};

/** IANA's protocol numbers. TCP is named too: a later fragment, or a header that is cut short, is no segment. */
const names: Record<number, string> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP' };

const protocolName = (number: number | undefined) => names[number ?? -1] ?? `protocol ${number ?? 'unknown'}`;

/**
 * Whether a frame only reports that a host has an IPv6 address: that it has joined the group at which neighbours ask for
 * it (MLDv2, RFC 3810, section 5.2; RFC 4291, section 2.7.1). A kernel sends it by itself as soon as it has one.
 */
export const isAddressReport = (frame: Uint8Array): boolean => {
  const at = ethernetHeaderLength + 40 + 8; // behind IPv6 and its hop-by-hop options, a router alert
  if (readUint16(frame, ethernetHeaderLength - 2) !== 0x86dd || frame[at] !== 143 || frame.length < at + 8)
    return false;
  const records = readUint16(frame, at + 6);
  if (frame.length < at + 8 + records * 20) return false;
  return Array.from({ length: records }, (_, nth) => frame.subarray(at + 8 + nth * 20 + 4)).every(isSolicitedNode);
};

const isSolicitedNode = (address: Uint8Array): boolean =>
  [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff].every((byte, nth) => address[nth] === byte);
