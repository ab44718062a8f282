// Classic pcap files, the format of tcpdump -w: microseconds or nanoseconds, either byte order.
// Reading never throws: a file cut short or damaged gives the packets before the damage and says where it begins.
import type { Instant } from './instant.ts';

export type CapturedPacket = Instant & {
  /** Counted from 1, as Wireshark does. */
  index: number;
  /** The captured bytes, shared with the file's. */
  data: Uint8Array;
  /** Bytes on the wire, of which the capture may hold fewer. */
  originalLength: number;
};

export type Damage = {
  /** Byte offset in the file. */
  offset: number;
  reason: string;
};

export type Capture = {
  /** 1 is Ethernet. Absent when the file header could not be read. */
  linkType?: number;
  /** Whether the file counts in nanoseconds rather than microseconds. */
  nanoseconds: boolean;
  packets: CapturedPacket[];
  /** What ended the reading early; packets before it are sound. */
  damage?: Damage;
};

export const linkTypeEthernet = 1;

/** Read a whole file. */
export const readPcap = (bytes: Uint8Array): Capture => {
  const reader = pcapReader();
  reader.push(bytes);
  return reader.end();
};

export type PcapReader = {
  /** Take the next bytes of the file; gives the packets they complete. After damage it gives none. */
  push(bytes: Uint8Array): CapturedPacket[];
  /** No more bytes will come: everything read, and the damage if a packet is left unfinished. */
  end(): Capture;
};

/** Read a file that is still being written. */
export const pcapReader = (): PcapReader => {
  const capture: Capture = { nanoseconds: false, packets: [] };
  let rest: Uint8Array = new Uint8Array(0);
  let restOffset = 0;
  let format: Format | undefined;

  const push = (bytes: Uint8Array): CapturedPacket[] => {
    if (capture.damage) return [];
    const first = capture.packets.length;
    rest = rest.length === 0 ? bytes : concatenate(rest, bytes);
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    let at = 0;
    if (!format && rest.length >= fileHeaderLength) {
      const header = readFileHeader(view);
      if (typeof header === 'string') capture.damage = { offset: 0, reason: header };
      else {
        format = header;
        capture.linkType = header.linkType;
        capture.nanoseconds = header.nanoseconds;
        at = fileHeaderLength;
      }
    }
    if (format) at = readRecords(rest, view, at, format, restOffset, capture);
    rest = rest.subarray(at);
    restOffset += at;
    return first === 0 ? capture.packets.slice() : capture.packets.slice(first);
  };

  const end = (): Capture => {
    if (!capture.damage && (rest.length > 0 || !format)) {
      capture.damage = { offset: restOffset, reason: unfinished(rest, format) };
    }
    return capture;
  };
  return { push, end };
};

type Format = { littleEndian: boolean; nanoseconds: boolean; linkType: number };

const fileHeaderLength = 24;
const recordHeaderLength = 16;
/** libpcap's MAXIMUM_SNAPLEN: no record is longer. */
const longestPacket = 262144;

const formats: Record<number, Omit<Format, 'linkType'>> = {
  0xa1b2c3d4: { littleEndian: false, nanoseconds: false },
  0xa1b23c4d: { littleEndian: false, nanoseconds: true },
  0xd4c3b2a1: { littleEndian: true, nanoseconds: false },
  0x4d3cb2a1: { littleEndian: true, nanoseconds: true },
};

const readFileHeader = (view: DataView): Format | string => {
  const first = view.getUint32(0);
  const format = formats[first];
  if (first === 0x0a0d0d0a) return 'the file is in pcapng format, not classic pcap';
  if (!format) return `the file begins with 0x${first.toString(16).padStart(8, '0')}, which is no pcap format`;
  const major = view.getUint16(4, format.littleEndian);
  if (major !== 2) return `the file states version ${major} of the pcap format, and only version 2 is known`;
  // The upper four bits say whether a frame check sequence follows each frame.
  return { ...format, linkType: view.getUint32(20, format.littleEndian) & 0x0fffffff };
};

const readRecords = (
  bytes: Uint8Array,
  view: DataView,
  begin: number,
  { littleEndian, nanoseconds }: Format,
  offset: number,
  capture: Capture,
): number => {
  const { packets } = capture;
  const unit = nanoseconds ? 1 : 1000;
  let at = begin;
  while (at + recordHeaderLength <= bytes.length) {
    const fraction = view.getUint32(at + 4, littleEndian) * unit;
    const length = view.getUint32(at + 8, littleEndian);
    if (length > longestPacket || fraction >= 1_000_000_000) {
      const what = length > longestPacket ? `a length of ${length} bytes` : `${fraction} nanoseconds within a second`;
      capture.damage = { offset: offset + at, reason: `the header of packet ${packets.length + 1} states ${what}` };
      return at;
    }
    const dataAt = at + recordHeaderLength;
    if (dataAt + length > bytes.length) return at;
    packets.push({
      index: packets.length + 1,
      seconds: view.getUint32(at, littleEndian),
      nanoseconds: fraction,
      data: bytes.subarray(dataAt, dataAt + length),
      originalLength: view.getUint32(at + 12, littleEndian),
    });
    at = dataAt + length;
  }
  return at;
};

const unfinished = (rest: Uint8Array, format: Format | undefined): string => {
  if (!format)
    return rest.length === 0 ? 'the file is empty' : `the file header is cut short after ${rest.length} of 24 bytes`;
  return `the file ends within a packet, ${rest.length} bytes after it began`;
};

const concatenate = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};
