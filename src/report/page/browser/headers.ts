// The headers of a frame, field by field, with the bytes each stands in. packet/ reads them; here each gets its words and its
// place. Pure.
import { ethernetHeaderLength } from '../../../packet/ethernet.ts';
import { flagNames } from '../../../packet/flags.ts';
import { decodeDamaged } from '../../../packet/frame.ts';
import { ipOffset } from '../../../packet/ipv4.ts';
import { extensionHeaders } from '../../../packet/ipv6.ts';
import type { Segment } from '../../../packet/segment.ts';
import { type Field, field } from './field.ts';
import { optionFields } from './option-fields.ts';

export type Layer = { layer: string; fields: Field[] };

/** Ethernet, IPv4 or IPv6, TCP, its options and the payload, as far as the bytes go; empty when there is no TCP header. */
export const decodeHeaders = (bytes: Uint8Array): Layer[] => {
  const segment = decodeDamaged(bytes);
  if (!segment) return [];
  const payload = Math.max(segment.payloadOffset, segment.tcpOffset + 20); // a damaged header may state less than there is of it
  return [
    { layer: 'Ethernet', fields: ethernetFields(segment) },
    segment.version === 4
      ? { layer: 'IPv4', fields: ipv4Fields(segment) }
      : { layer: 'IPv6', fields: ipv6Fields(segment) },
    {
      layer: 'TCP',
      fields: [...tcpFields(segment), ...optionFields(bytes, segment.tcpOffset + 20, Math.min(payload, bytes.length))],
    },
    ...payloadLayer(segment, payload),
  ];
};

const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;

const ethernetFields = ({ version, sourceMac, destinationMac }: Segment): Field[] => [
  field('destination', 0, 6, destinationMac),
  field('source', 6, 6, sourceMac),
  field('type', ethernetHeaderLength - 2, 2, version === 6 ? '0x86dd IPv6' : '0x0800 IPv4'),
];

const ipv4Fields = (segment: Segment): Field[] => [
  field('header', ipOffset, 1, `version 4, ${segment.tcpOffset - ipOffset} bytes`),
  field('service', ipOffset + 1, 1, serviceWords(segment)),
  field('total length', ipOffset + 2, 2, segment.totalLength),
  field('identification', ipOffset + 4, 2, hex(segment.id)),
  field('fragments', ipOffset + 6, 2, fragmentWords(segment)),
  field('time to live', ipOffset + 8, 1, segment.ttl),
  field('protocol', ipOffset + 9, 1, '6 TCP'),
  field('checksum', ipOffset + 10, 2, hex(segment.ipChecksum)),
  field('source', ipOffset + 12, 4, segment.sourceAddress),
  field('destination', ipOffset + 16, 4, segment.destinationAddress),
];

const serviceWords = ({ tos }: Segment) => `DSCP ${tos >>> 2}, ECN ${tos & 3}`;

const fragmentWords = ({ dontFragment, moreFragments }: Segment) =>
  dontFragment ? 'do not fragment' : moreFragments ? 'offset 0' : 'none';

const ipv6Fields = (segment: Segment): Field[] => {
  const { frame, flowLabel, totalLength } = segment;
  const extensions = extensionHeaders(frame);
  const flow = `0x${flowLabel.toString(16).padStart(5, '0')}`;
  return [
    field('version, class, flow', ipOffset, 4, `version 6, ${serviceWords(segment)}, flow ${flow}`),
    field('payload length', ipOffset + 4, 2, totalLength - 40),
    field('next header', ipOffset + 6, 1, extensions[0]?.kind ?? 6),
    field('hop limit', ipOffset + 7, 1, segment.ttl),
    field('source', ipOffset + 8, 16, segment.sourceAddress),
    field('destination', ipOffset + 24, 16, segment.destinationAddress),
    ...extensions.map(({ kind, from, length }) => field(`extension header ${kind}`, from, length, `${length} bytes`)),
  ];
};

const tcpFields = (segment: Segment): Field[] => {
  const { tcpOffset, payloadOffset } = segment;
  return [
    field('source port', tcpOffset, 2, segment.sourcePort),
    field('destination port', tcpOffset + 2, 2, segment.destinationPort),
    field('sequence number', tcpOffset + 4, 4, segment.seq),
    field('acknowledgement', tcpOffset + 8, 4, segment.ack),
    field('header length', tcpOffset + 12, 1, `${payloadOffset - tcpOffset} bytes`),
    field('flags', tcpOffset + 13, 1, flagNames(segment.flagBits).join(' ') || 'none'),
    field('window', tcpOffset + 14, 2, segment.window),
    field('checksum', tcpOffset + 16, 2, hex(segment.tcpChecksum)),
    field('urgent pointer', tcpOffset + 18, 2, segment.urgent),
  ];
};

const payloadLayer = ({ frame, totalLength }: Segment, from: number): Layer[] => {
  const end = Math.min(frame.length, ipOffset + totalLength);
  if (end <= from) return [];
  return [{ layer: 'Payload', fields: [field('bytes', from, end - from, printable(frame.subarray(from, end)))] }];
};

const printable = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
