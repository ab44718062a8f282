// One TCP segment as it stands in a captured frame. What every segment is asked for is read at once, the rest when it
// is asked for: a class, because lazy properties on a prototype cost nothing per segment.
import { byteAt, readUint16, readUint32 } from './bytes.ts';
import { fold, sum } from './checksum.ts';
import { readMac } from './ethernet.ts';
import { flagLetters } from './flags.ts';
import { isIpv6, packetEnd, tcpOffsetOf } from './ip.ts';
import { ipOffset, readAddress } from './ipv4.ts';
import { addressIn6, moreFragments6 } from './ipv6.ts';
import { summarizeOptions, type TcpOptions } from './option-summary.ts';
import { decodeOptions, type TcpOption } from './options.ts';
import { addressSum, tcpHeaderLength } from './tcp.ts';

/**
 * Made by `decodeFrame`, which has checked that both headers are there, or by `decodeDamaged`. Sequence numbers are
 * absolute.
 */
export class Segment {
  /** The whole Ethernet frame, shared with the capture. */
  readonly frame: Uint8Array;
  readonly version: 4 | 6;
  /** The source's IPv4 address as 32 bits, an IPv6 address as text; `sourceAddress` gives either as text. */
  readonly sourceIp: number | string;
  readonly destinationIp: number | string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  /** The acknowledgement field, which means something only with the ACK flag. */
  readonly ack: number;
  readonly flagBits: number;
  /** Payload bytes as the IP header states them, even where the capture holds fewer. */
  readonly length: number;
  /** As it stands in the header, not scaled. */
  readonly window: number;
  /** Where the TCP header begins in the frame. */
  readonly tcpOffset: number;
  /** Where the payload begins in the frame, as the TCP header states its own length. */
  readonly payloadOffset: number;

  constructor(frame: Uint8Array) {
    const at = tcpOffsetOf(frame);
    const payloadOffset = at + tcpHeaderLength(frame, at);
    this.frame = frame;
    this.version = isIpv6(frame) ? 6 : 4;
    this.sourceIp = this.version === 4 ? readUint32(frame, ipOffset + 12) : addressIn6(frame, 8);
    this.destinationIp = this.version === 4 ? readUint32(frame, ipOffset + 16) : addressIn6(frame, 24);
    this.sourcePort = readUint16(frame, at);
    this.destinationPort = readUint16(frame, at + 2);
    this.seq = readUint32(frame, at + 4);
    this.ack = readUint32(frame, at + 8);
    this.flagBits = byteAt(frame, at + 13);
    this.length = packetEnd(frame) - payloadOffset;
    this.window = readUint16(frame, at + 14);
    this.tcpOffset = at;
    this.payloadOffset = payloadOffset;
  }

  /** tcpdump's letters in packetdrill's order: `S`, `S.`, `.`, `P.`, `F.`, `FP.`, `R`, `R.`; then `U`, `E`, `W`. */
  get flags(): string {
    return flagLetters(this.flagBits);
  }
  get sourceAddress(): string {
    return typeof this.sourceIp === 'string' ? this.sourceIp : readAddress(this.frame, 12);
  }
  get destinationAddress(): string {
    return typeof this.destinationIp === 'string' ? this.destinationIp : readAddress(this.frame, 16);
  }
  get sourceMac(): string {
    return readMac(this.frame, 6);
  }
  get destinationMac(): string {
    return readMac(this.frame, 0);
  }

  /** Type of service, in IPv6 the traffic class: DSCP in the upper six bits, ECN in the lower two. */
  get tos(): number {
    if (this.version === 4) return byteAt(this.frame, ipOffset + 1);
    return (readUint16(this.frame, ipOffset) >>> 4) & 0xff;
  }
  /** IP header and everything behind it, in bytes. */
  get totalLength(): number {
    return packetEnd(this.frame) - ipOffset;
  }
  /** IPv6 only; 0 in IPv4. */
  get flowLabel(): number {
    return this.version === 4 ? 0 : readUint32(this.frame, ipOffset) & 0xfffff;
  }
  /** IPv4 only; 0 in IPv6. */
  get id(): number {
    return this.version === 4 ? readUint16(this.frame, ipOffset + 4) : 0;
  }
  /** True in IPv6, where no router fragments. */
  get dontFragment(): boolean {
    return this.version === 6 || (readUint16(this.frame, ipOffset + 6) & 0x4000) !== 0;
  }
  /** True for the first fragment of a segment: the payload and the TCP checksum are then incomplete. */
  get moreFragments(): boolean {
    if (this.version === 6) return moreFragments6(this.frame);
    return (readUint16(this.frame, ipOffset + 6) & 0x2000) !== 0;
  }
  /** Time to live, in IPv6 the hop limit. */
  get ttl(): number {
    return byteAt(this.frame, ipOffset + (this.version === 4 ? 8 : 7));
  }
  /** The options of IPv4, the extension headers of IPv6. */
  get ipOptions(): Uint8Array {
    return this.frame.subarray(ipOffset + (this.version === 4 ? 20 : 40), this.tcpOffset);
  }

  /** The four bits between data offset and flags, zero in what Linux sends. */
  get reserved(): number {
    return byteAt(this.frame, this.tcpOffset + 12) & 0x0f;
  }
  /** The urgent pointer. */
  get urgent(): number {
    return readUint16(this.frame, this.tcpOffset + 18);
  }
  /** Options by name. Computed at each reading. */
  get options(): TcpOptions {
    return this.payloadOffset === this.tcpOffset + 20 ? {} : summarizeOptions(this.optionList);
  }
  /** Options in order, every byte accounted for. Computed at each reading. */
  get optionList(): TcpOption[] {
    return decodeOptions(this.frame, this.tcpOffset + 20, this.payloadOffset);
  }
  /** The payload as far as it was captured, shared with the capture. */
  get payload(): Uint8Array {
    return this.frame.subarray(this.payloadOffset, this.payloadOffset + this.length);
  }
  /** True when the capture holds the whole datagram. */
  get complete(): boolean {
    return !this.moreFragments && this.frame.length >= ipOffset + this.totalLength;
  }

  /** The checksum as it stands in the IPv4 header; IPv6 has none. */
  get ipChecksum(): number {
    return this.version === 4 ? readUint16(this.frame, ipOffset + 10) : 0;
  }
  get ipChecksumOk(): boolean {
    return this.version === 6 || fold(sum(this.frame, ipOffset, this.tcpOffset)) === 0xffff;
  }
  /** The checksum as it stands in the TCP header. */
  get tcpChecksum(): number {
    return readUint16(this.frame, this.tcpOffset + 16);
  }
  /** False also when the capture lacks bytes the checksum covers (`complete` tells). */
  get tcpChecksumOk(): boolean {
    const end = ipOffset + this.totalLength;
    if (!this.complete) return false;
    return fold(sum(this.frame, this.tcpOffset, end, addressSum(this.frame, end - this.tcpOffset))) === 0xffff;
  }
  /** Both checksums hold. Computed over the whole segment at each reading. */
  get checksumOk(): boolean {
    return this.ipChecksumOk && this.tcpChecksumOk;
  }
}
