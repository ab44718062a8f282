// Writes pcapng files: packets of named interfaces with comments, which classic pcap has no room for.
// After draft-ietf-opsawg-pcapng: a section header, an interface description each, then enhanced packets.
import { byteAt } from './bytes.ts';
import { type Instant, toNanoseconds } from './instant.ts';
import { linkTypeEthernet } from './pcap.ts';

export type CommentedPacket = Instant & {
  data: Uint8Array;
  /** Bytes on the wire; the length of `data` unless given. */
  originalLength?: number;
  /** Index into the interfaces; 0 unless given. */
  interface?: number;
  comment?: string;
};

export type PcapngSection = {
  interfaces: { name: string; description?: string }[];
  /** In order of time, as Wireshark expects them. */
  packets: readonly CommentedPacket[];
  comment?: string;
  /** What wrote the file. */
  application?: string;
};

/** A whole file of one section, little-endian, with times in nanoseconds. A comment longer than 65,535 bytes is cut. */
export const encodePcapng = ({ interfaces, packets, comment, application }: PcapngSection): Uint8Array => {
  const blocks = [
    block(
      blockType.section,
      concatenate([
        sectionStart,
        options([
          [1, comment],
          [4, application],
        ]),
      ]),
    ),
    ...interfaces.map(({ name, description }) =>
      block(
        blockType.interface,
        concatenate([
          interfaceStart(),
          options([
            [2, name],
            [3, description],
            [9, nanosecondResolution],
          ]),
        ]),
      ),
    ),
    ...packets.map(encodePacket),
  ];
  return concatenate(blocks);
};

const blockType = { section: 0x0a0d0d0a, interface: 1, packet: 6 };

/** Byte-order mark, version 1.0, and a section length that is not stated. */
const sectionStart = Uint8Array.of(0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);

/** Link type, two bytes unused, and no limit on the length of a packet. */
const interfaceStart = (): Uint8Array => Uint8Array.of(linkTypeEthernet, 0, 0, 0, 0, 0, 0, 0);

/** Times count units of 10⁻⁹ seconds. */
const nanosecondResolution = Uint8Array.of(9);

const encodePacket = (packet: CommentedPacket): Uint8Array => {
  const { data, originalLength = data.length, interface: on = 0, comment } = packet;
  const time = toNanoseconds(packet);
  const start = new Uint8Array(20);
  const view = new DataView(start.buffer);
  view.setUint32(0, on, true);
  view.setUint32(4, Number(time >> 32n), true);
  view.setUint32(8, Number(time & 0xffffffffn), true);
  view.setUint32(12, data.length, true);
  view.setUint32(16, originalLength, true);
  return block(blockType.packet, concatenate([start, padded(data), options([[1, comment]])]));
};

/** Type, total length, body, total length again. */
const block = (type: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
};

/** The options that have a value, and the end mark; nothing when none has. */
const options = (list: [code: number, value: string | Uint8Array | undefined][]): Uint8Array => {
  const present = list.flatMap(([code, value]) => {
    if (value === undefined || value === '') return [];
    const bytes = typeof value === 'string' ? utf8(value) : value;
    const head = new Uint8Array(4);
    const view = new DataView(head.buffer);
    view.setUint16(0, code, true);
    view.setUint16(2, bytes.length, true);
    return [head, padded(bytes)];
  });
  return present.length === 0 ? new Uint8Array(0) : concatenate([...present, new Uint8Array(4)]);
};

const longestOption = 65_535;

/** Cut between characters, never within one. */
const utf8 = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= longestOption) return bytes;
  let end = longestOption;
  while ((byteAt(bytes, end) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
};

const padded = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length % 4 === 0) return bytes;
  const whole = new Uint8Array(bytes.length + 4 - (bytes.length % 4));
  whole.set(bytes);
  return whole;
};

const concatenate = (parts: Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
