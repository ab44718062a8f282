// Writes classic pcap files: for replayed captures and for tests.
import type { Instant } from './instant.ts';
import { linkTypeEthernet } from './pcap.ts';

export type PacketToWrite = Instant & {
  data: Uint8Array;
  /** Bytes on the wire; the length of `data` unless given. */
  originalLength?: number;
};

export type PcapFormat = {
  /** Count in nanoseconds, as finwait's own captures do; microseconds cut the time. */
  nanoseconds?: boolean;
  bigEndian?: boolean;
  linkType?: number;
};

/** A whole file. */
export const encodePcap = (
  packets: readonly PacketToWrite[],
  { nanoseconds = true, bigEndian = false, linkType = linkTypeEthernet }: PcapFormat = {},
): Uint8Array => {
  const length = packets.reduce((total, { data }) => total + 16 + data.length, 24);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, !bigEndian);
  view.setUint16(4, 2, !bigEndian);
  view.setUint16(6, 4, !bigEndian);
  view.setUint32(16, 262144, !bigEndian);
  view.setUint32(20, linkType, !bigEndian);
  let at = 24;
  for (const packet of packets) {
    const { data, originalLength = data.length } = packet;
    view.setUint32(at, packet.seconds, !bigEndian);
    view.setUint32(at + 4, nanoseconds ? packet.nanoseconds : Math.floor(packet.nanoseconds / 1000), !bigEndian);
    view.setUint32(at + 8, data.length, !bigEndian);
    view.setUint32(at + 12, originalLength, !bigEndian);
    bytes.set(data, at + 16);
    at += 16 + data.length;
  }
  return bytes;
};
