// One TCP segment as it stands in a captured frame. What every segment is asked for is read at once, the rest when it is asked for:
// a class, because lazy properties on a prototype cost nothing per segment.
import { readUint16, readUint32 } from './bytes.ts';
import { fold, pseudoHeaderSum, sum } from './checksum.ts';
import { readMac } from './ethernet.ts';
import { flagLetters } from './flags.ts';
import { ipOffset, ipv4HeaderLength, readAddress } from './ipv4.ts';
import { summarizeOptions, type TcpOptions } from './option-summary.ts';
import { decodeOptions, type TcpOption } from './options.ts';
import { tcpHeaderLength } from './tcp.ts';

/** Made by `decodeFrame`, which has checked that both headers are there. Sequence numbers are absolute. */
export class Segment {
  /** The whole Ethernet frame, shared with the capture. */
  readonly frame: Uint8Array;
  /** Source address as 32 bits; `sourceAddress` gives it as text. */
  readonly sourceIp: number;
  readonly destinationIp: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  /** The acknowledgement field, which means something only with the ACK flag. */
  readonly ack: number;
  readonly flagBits: number;
  /** Payload bytes as the IPv4 header states them, even where the capture holds fewer. */
  readonly length: number;
  /** As it stands in the header, not scaled. */
  readonly window: number;
  private readonly tcpOffset: number;
  private readonly payloadOffset: number;

  constructor(frame: Uint8Array) {
    const at = ipOffset + ipv4HeaderLength(frame);
    const payloadOffset = at + tcpHeaderLength(frame, at);
    this.frame = frame;
    this.sourceIp = readUint32(frame, ipOffset + 12);
    this.destinationIp = readUint32(frame, ipOffset + 16);
    this.sourcePort = readUint16(frame, at);
    this.destinationPort = readUint16(frame, at + 2);
    this.seq = readUint32(frame, at + 4);
    this.ack = readUint32(frame, at + 8);
    this.flagBits = frame[at + 13] as number;
    this.length = ipOffset + readUint16(frame, ipOffset + 2) - payloadOffset;
    this.window = readUint16(frame, at + 14);
    this.tcpOffset = at;
    this.payloadOffset = payloadOffset;
  }

  /** tcpdump's letters in packetdrill's order: `S`, `S.`, `.`, `P.`, `F.`, `FP.`, `R`, `R.`; then `U`, `E`, `W`. */
  get flags(): string {
    return flagLetters(this.flagBits);
  }
  get sourceAddress(): string {
    return readAddress(this.frame, 12);
  }
  get destinationAddress(): string {
    return readAddress(this.frame, 16);
  }
  get sourceMac(): string {
    return readMac(this.frame, 6);
  }
  get destinationMac(): string {
    return readMac(this.frame, 0);
  }

  /** Type of service: DSCP in the upper six bits, ECN in the lower two. */
  get tos(): number {
    return this.frame[ipOffset + 1] as number;
  }
  /** IPv4 header and everything behind it, in bytes. */
  get totalLength(): number {
    return readUint16(this.frame, ipOffset + 2);
  }
  get id(): number {
    return readUint16(this.frame, ipOffset + 4);
  }
  get dontFragment(): boolean {
    return (readUint16(this.frame, ipOffset + 6) & 0x4000) !== 0;
  }
  /** True for the first fragment of a segment: the payload and the TCP checksum are then incomplete. */
  get moreFragments(): boolean {
    return (readUint16(this.frame, ipOffset + 6) & 0x2000) !== 0;
  }
  get ttl(): number {
    return this.frame[ipOffset + 8] as number;
  }
  get ipOptions(): Uint8Array {
    return this.frame.subarray(ipOffset + 20, this.tcpOffset);
  }

  /** The four bits between data offset and flags, zero in what Linux sends. */
  get reserved(): number {
    return (this.frame[this.tcpOffset + 12] as number) & 0x0f;
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

  /** The checksum as it stands in the IPv4 header. */
  get ipChecksum(): number {
    return readUint16(this.frame, ipOffset + 10);
  }
  get ipChecksumOk(): boolean {
    return fold(sum(this.frame, ipOffset, this.tcpOffset)) === 0xffff;
  }
  /** The checksum as it stands in the TCP header. */
  get tcpChecksum(): number {
    return readUint16(this.frame, this.tcpOffset + 16);
  }
  /** False also when the capture lacks bytes the checksum covers (`complete` tells). */
  get tcpChecksumOk(): boolean {
    const end = ipOffset + this.totalLength;
    if (!this.complete) return false;
    const pseudoHeader = pseudoHeaderSum(this.frame, ipOffset, end - this.tcpOffset);
    return fold(sum(this.frame, this.tcpOffset, end, pseudoHeader)) === 0xffff;
  }
  /** Both checksums hold. Computed over the whole segment at each reading. */
  get checksumOk(): boolean {
    return this.ipChecksumOk && this.tcpChecksumOk;
  }
}
