// Ethernet frames to TCP segments over IPv4 or IPv6, and back.
import { type EthernetFields, ethernetHeaderLength, ethernetObstacle, writeEthernet } from './ethernet.ts';
import { ipObstacle, tcpOffsetOf } from './ip.ts';
import { type Ipv4Fields, writeIpv4 } from './ipv4.ts';
import { type Ipv6Fields, parseAddress6, writeIpv6 } from './ipv6.ts';
import type { TcpOptions } from './option-summary.ts';
import type { TcpOption } from './options.ts';
import { Segment } from './segment.ts';
import { optionBytes, type TcpFields, tcpObstacle, writeTcp } from './tcp.ts';

/**
 * Everything that can be said about a segment; all but the endpoints may be left out. Addresses with colons make it
 * IPv6, where the fields of the IPv4 header alone mean nothing. Defaults: the lab's MAC addresses (their last byte is
 * that of the address), flag ACK, window 64240, TTL 64, don't fragment, right checksums, the rest 0 or empty.
 */
export type SegmentFields = Pick<
  Ipv4Fields & TcpFields,
  'sourceAddress' | 'destinationAddress' | 'sourcePort' | 'destinationPort'
> &
  Partial<EthernetFields & Ipv4Fields & Pick<Ipv6Fields, 'flowLabel'> & TcpFields> & {
    /** By name, or as an exact list where order, padding or malformed bytes matter. */
    options?: TcpOptions | readonly TcpOption[];
    /** Text is sent as UTF-8. */
    payload?: Uint8Array | string;
  };

/** The segment in an Ethernet frame, or `undefined` when there is none. Takes any bytes and never throws. */
export const decodeFrame = (frame: Uint8Array): Segment | undefined =>
  frameObstacle(frame) === undefined ? new Segment(frame) : undefined;

/**
 * What a frame shows of a segment whose TCP header may state a wrong length of itself, or lack its end: only the fixed
 * 20 bytes are there for certain. To be shown, not to be judged by.
 */
export const decodeDamaged = (frame: Uint8Array): Segment | undefined =>
  (ethernetObstacle(frame) ?? ipObstacle(frame)) === undefined && frame.length >= tcpOffsetOf(frame) + 20
    ? new Segment(frame)
    : undefined;

/** Why a frame holds no TCP segment, in words without a final full stop; `undefined` when it holds one. */
export const frameObstacle = (frame: Uint8Array): string | undefined =>
  ethernetObstacle(frame) ?? ipObstacle(frame) ?? tcpObstacle(frame);

/**
 * An Ethernet frame from fields.
 * @throws {RangeError} when an address, a flag letter or the length of the options cannot be encoded.
 */
export const encodeSegment = (fields: SegmentFields): Uint8Array => {
  const options = optionBytes(fields.options ?? []);
  const payload = typeof fields.payload === 'string' ? utf8.encode(fields.payload) : (fields.payload ?? noBytes);
  const segmentLength = 20 + options.length + payload.length;
  return fields.sourceAddress.includes(':')
    ? encodeOverIpv6(fields, options, payload, segmentLength)
    : encodeOverIpv4(fields, options, payload, segmentLength);
};

const encodeOverIpv4 = (
  fields: SegmentFields,
  options: Uint8Array,
  payload: Uint8Array,
  segmentLength: number,
): Uint8Array => {
  const ipOptions = fields.ipOptions ?? noBytes;
  if (ipOptions.length > 40 || ipOptions.length % 4 !== 0) {
    throw new RangeError(
      `The IPv4 options take ${ipOptions.length} bytes: they must be a multiple of 4 and 40 at most`,
    );
  }
  const length = 20 + ipOptions.length + segmentLength;
  if (length > 65535)
    throw new RangeError(`The datagram would be ${length} bytes long and IPv4 allows 65535: shorten the payload`);
  const all = { ...withDefaults(fields), totalLength: fields.totalLength ?? length };
  const frame = new Uint8Array(ethernetHeaderLength + length);
  writeEthernet(frame, all);
  writeIpv4(frame, all);
  writeTcp(frame, all, options, payload);
  return frame;
};

const encodeOverIpv6 = (
  fields: SegmentFields,
  options: Uint8Array,
  payload: Uint8Array,
  segmentLength: number,
): Uint8Array => {
  if (segmentLength > 65535)
    throw new RangeError(`The segment would be ${segmentLength} bytes long and IPv6 allows 65535: shorten the payload`);
  if ((fields.ipOptions?.length ?? 0) > 0)
    throw new RangeError('A segment over IPv6 is made without extension headers: leave ipOptions out');
  const all = withDefaults(fields);
  const frame = new Uint8Array(ethernetHeaderLength + 40 + segmentLength);
  writeEthernet(frame, all, 6);
  writeIpv6(frame, all, fields.totalLength === undefined ? segmentLength : fields.totalLength - 40);
  writeTcp(frame, all, options, payload);
  return frame;
};

const withDefaults = (fields: SegmentFields) => ({
  ...defaults,
  sourceMac: labMac(fields.sourceAddress),
  destinationMac: labMac(fields.destinationAddress),
  ...withoutUndefined(fields),
});

/**
 * The fields from which `encodeSegment` makes the same frame again, to change some and send it anew. A checksum that holds
 * becomes `right`, so that it still does after a change; a wrong one stays as it was. Extension headers of IPv6 are left out.
 */
export const fieldsOf = (segment: Segment): SegmentFields => ({
  sourceMac: segment.sourceMac,
  destinationMac: segment.destinationMac,
  sourceAddress: segment.sourceAddress,
  destinationAddress: segment.destinationAddress,
  tos: segment.tos,
  ttl: segment.ttl,
  totalLength: segment.payload.length === segment.length ? undefined : segment.totalLength,
  ...(segment.version === 4 ? ipv4FieldsOf(segment) : { flowLabel: segment.flowLabel }),
  sourcePort: segment.sourcePort,
  destinationPort: segment.destinationPort,
  seq: segment.seq,
  ack: segment.ack,
  flags: segment.flags,
  reserved: segment.reserved,
  window: segment.window,
  tcpChecksum: segment.tcpChecksumOk ? 'right' : segment.tcpChecksum,
  urgent: segment.urgent,
  options: segment.optionList,
  payload: segment.payload,
});

const ipv4FieldsOf = (segment: Segment) => ({
  id: segment.id,
  dontFragment: segment.dontFragment,
  moreFragments: segment.moreFragments,
  ipChecksum: segment.ipChecksumOk ? ('right' as const) : segment.ipChecksum,
  ipOptions: segment.ipOptions,
});

const noBytes = new Uint8Array(0);
const utf8 = new TextEncoder();

const defaults = {
  tos: 0,
  flowLabel: 0,
  id: 0,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 64,
  ipChecksum: 'right',
  ipOptions: noBytes,
  seq: 0,
  ack: 0,
  flags: '.',
  reserved: 0,
  window: 64240,
  tcpChecksum: 'right',
  urgent: 0,
} as const;

const labMac = (address: string) => {
  const last = address.includes(':') ? parseAddress6(address)[15] : Number(address.split('.').at(-1)) & 0xff;
  return `02:00:00:00:00:${(last ?? 0).toString(16).padStart(2, '0')}`;
};

const withoutUndefined = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
