// Ethernet II: two addresses and a type. No VLAN tags, for the lab has none.
import { readUint16, writeUint16 } from './bytes.ts';

export const ethernetHeaderLength = 14;
const etherTypeIpv4 = 0x0800;
export const etherTypeIpv6 = 0x86dd;

export type EthernetFields = { sourceMac: string; destinationMac: string };

/** Write the header of a frame that carries IP of this version. */
export const writeEthernet = (
  frame: Uint8Array,
  { sourceMac, destinationMac }: EthernetFields,
  version: 4 | 6 = 4,
): void => {
  writeMac(frame, 0, destinationMac);
  writeMac(frame, 6, sourceMac);
  writeUint16(frame, 12, version === 4 ? etherTypeIpv4 : etherTypeIpv6);
};

export const readMac = (frame: Uint8Array, offset: number): string => {
  let text = hexadecimal(frame[offset]);
  for (let at = offset + 1; at < offset + 6; at++) text += `:${hexadecimal(frame[at])}`;
  return text;
};

/** What keeps a frame from carrying IP, in words; `undefined` when nothing does. */
export const ethernetObstacle = (frame: Uint8Array): string | undefined => {
  if (frame.length < ethernetHeaderLength) return 'the frame is shorter than an Ethernet header';
  const type = readUint16(frame, 12);
  if (type === etherTypeIpv4 || type === etherTypeIpv6) return undefined;
  return `the frame carries ${etherTypes[type] ?? `type 0x${type.toString(16).padStart(4, '0')}`}, not IP`;
};

const etherTypes: Record<number, string> = { 0x0806: 'ARP', 0x8100: 'a VLAN tag' };

const hexadecimal = (byte = 0) => byte.toString(16).padStart(2, '0');

/** Of a frame that ends before, as much as there is room for. */
export const writeMac = (frame: Uint8Array, offset: number, text: string): void => {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new RangeError(`"${text}" is not a MAC address: write it as 02:00:00:00:00:01`);
  }
  for (let index = 0; index < 6; index++)
    frame[offset + index] = Number.parseInt(text.slice(index * 3, index * 3 + 2), 16);
};
