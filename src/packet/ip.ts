// What IPv4 and IPv6 have in common for a TCP segment: which of the two a frame carries, where TCP begins and where the
// packet ends.
import { readUint16 } from './bytes.ts';
import { ethernetHeaderLength, etherTypeIpv6 } from './ethernet.ts';
import { ipOffset, ipv4HeaderLength, ipv4Obstacle } from './ipv4.ts';
import { ipv6Obstacle, packetEnd6, tcpOffset6 } from './ipv6.ts';

/** By the type in the Ethernet header; anything that is not IPv6 counts as IPv4. */
export const isIpv6 = (frame: Uint8Array): boolean => readUint16(frame, ethernetHeaderLength - 2) === etherTypeIpv6;

/** What keeps the packet of a frame from being (the first fragment of) a TCP segment; `undefined` when nothing does. */
export const ipObstacle = (frame: Uint8Array): string | undefined =>
  isIpv6(frame) ? ipv6Obstacle(frame) : ipv4Obstacle(frame);

/** Where the TCP header begins in the frame. */
export const tcpOffsetOf = (frame: Uint8Array): number =>
  isIpv6(frame) ? tcpOffset6(frame) : ipOffset + ipv4HeaderLength(frame);

/** Where the packet ends in the frame, as its header states it: a capture may hold less. */
export const packetEnd = (frame: Uint8Array): number =>
  isIpv6(frame) ? packetEnd6(frame) : ipOffset + readUint16(frame, ipOffset + 2);
