import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSegment } from './frame.ts';
import { isAddressReport, otherKind } from './frame-kind.ts';

const ethernet = (type: number, payload: number[]) =>
  Uint8Array.from([...Array(12).fill(2), type >> 8, type & 255, ...payload]);
const ipv4 = (protocol: number) => [0x45, 0, 0, 28, 0, 0, 0, 0, 64, protocol, ...Array(18).fill(0)];
const ipv6 = (next: number, ...rest: number[]) => [
  0x60,
  0,
  0,
  0,
  0,
  rest.length,
  next,
  64,
  ...Array(32).fill(0),
  ...rest,
];

test('a report that a host has an IPv6 address, and no other', () => {
  const solicitedNode = [0xff, 2, ...Array(9).fill(0), 1, 0xff, 0, 0, 1];
  const report = (group: number[], type = 143) =>
    ethernet(0x86dd, ipv6(0, 58, 0, 5, 2, 0, 0, 1, 0, type, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, ...group));
  expect(isAddressReport(report(solicitedNode))).toBe(true);
  expect(isAddressReport(report([0xff, 2, ...Array(13).fill(0), 2]))).toBe(false);
  expect(isAddressReport(report(solicitedNode, 135))).toBe(false);
  expect(isAddressReport(report(solicitedNode).subarray(0, 80))).toBe(false);
});

test.each([
  ['ARP', 0x0806, [], { network: 'ARP' }],
  ['UDP over IPv4', 0x0800, ipv4(17), { network: 'IPv4', protocol: 'UDP' }],
  ['ICMP', 0x0800, ipv4(1), { network: 'IPv4', protocol: 'ICMP' }],
  ['a protocol without a name here', 0x0800, ipv4(47), { network: 'IPv4', protocol: 'protocol 47' }],
  ['ICMPv6', 0x86dd, ipv6(58, 135, 0, 0, 0), { network: 'IPv6', protocol: 'ICMPv6' }],
  [
    'ICMPv6 behind hop-by-hop options',
    0x86dd,
    ipv6(0, 58, 0, 5, 2, 0, 0, 0, 0, 143),
    { network: 'IPv6', protocol: 'ICMPv6' },
  ],
  ['UDP over IPv6', 0x86dd, ipv6(17, 0, 0), { network: 'IPv6', protocol: 'UDP' }],
  ['a TCP header that is cut short', 0x0800, ipv4(6), { network: 'IPv4', protocol: 'TCP' }],
  ['anything else', 0x88cc, [], { network: 'Ethernet type 0x88cc' }],
])('%s', (_name, type, payload, expected) => {
  expect(otherKind(ethernet(type as number, payload as number[]))).toEqual(expected);
});

test('a TCP segment is none of them', () => {
  const ports = { sourcePort: 1, destinationPort: 2 };
  expect(
    otherKind(encodeSegment({ sourceAddress: '192.0.2.1', destinationAddress: '192.0.2.2', ...ports })),
  ).toBeUndefined();
  expect(
    otherKind(encodeSegment({ sourceAddress: '2001:db8::1', destinationAddress: '2001:db8::2', ...ports })),
  ).toBeUndefined();
});

test('any bytes have a kind', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      expect(() => otherKind(bytes)).not.toThrow();
    }),
  );
});
