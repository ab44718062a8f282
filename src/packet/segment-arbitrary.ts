// Segments at random, for property tests.
import fc from 'fast-check';
import { flagLetters } from './flags.ts';
import { formatAddress } from './ipv4.ts';
import { formatAddress6 } from './ipv6.ts';
import type { TcpOption } from './options.ts';

const uint8 = fc.integer({ min: 0, max: 0xff });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

const option: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.record({ name: fc.constant('mss' as const), value: uint16 }),
  fc.record({ name: fc.constant('windowScale' as const), shift: uint8 }),
  fc.record({ name: fc.constant('sackPermitted' as const) }),
  fc.record({
    name: fc.constant('sack' as const),
    blocks: fc.array(fc.tuple(uint32, uint32), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ name: fc.constant('timestamps' as const), value: uint32, echo: uint32 }),
  // 9 and 10 are obsolete kinds without a meaning of their own (RFC 6247): tshark has no opinion on them.
  fc.record({
    name: fc.constant('other' as const),
    kind: fc.integer({ min: 9, max: 10 }),
    data: fc.uint8Array({ maxLength: 5 }),
  }),
);

const nop = fc.constant<TcpOption>({ name: 'nop' });

/** Well-formed options of at most 40 bytes, each named one at most once, with padding in between. */
export const optionList: fc.Arbitrary<TcpOption[]> = fc
  .tuple(fc.uniqueArray(option, { maxLength: 4, selector: ({ name }) => name }), fc.array(nop, { maxLength: 3 }))
  .chain(([named, padding]) => fc.shuffledSubarray([...named, ...padding]))
  .filter((list) => list.reduce((total, one) => total + lengthOf(one), 0) <= 40);

const ends = {
  sourceMac: fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => macText(bytes)),
  destinationMac: fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => macText(bytes)),
  sourcePort: uint16,
  destinationPort: uint16,
};

const ofTcp = {
  seq: uint32,
  ack: uint32,
  flags: uint8.map(flagLetters),
  reserved: fc.integer({ min: 0, max: 15 }),
  window: uint16,
  urgent: uint16,
  options: optionList,
  payload: fc.uint8Array({ maxLength: 40 }),
};

/** Fields of a whole, well-formed segment over IPv4. */
export const segmentFields = fc.record({
  ...ends,
  sourceAddress: uint32.map(formatAddress),
  destinationAddress: uint32.map(formatAddress),
  tos: uint8,
  id: uint16,
  dontFragment: fc.boolean(),
  ttl: uint8,
  ipOptions: fc
    .integer({ min: 0, max: 10 })
    .chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
  ...ofTcp,
});

/** Half of an address's groups are zeros, as in most that people write. */
export const address6 = fc
  .array(fc.oneof(fc.constant(0), uint16), { minLength: 8, maxLength: 8 })
  .filter((groups) => !groups.slice(0, 5).every((group) => group === 0))
  .map(formatAddress6);

/** Fields of a whole, well-formed segment over IPv6. */
export const segmentFields6 = fc.record({
  ...ends,
  sourceAddress: address6,
  destinationAddress: address6,
  tos: uint8,
  flowLabel: fc.integer({ min: 0, max: 0xfffff }),
  ttl: uint8,
  ...ofTcp,
});

const macText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

const lengthOf = (one: TcpOption): number => {
  if (one.name === 'sack') return 2 + one.blocks.length * 8;
  if (one.name === 'other' || one.name === 'raw') return 2 + one.data.length;
  return { nop: 1, mss: 4, windowScale: 3, sackPermitted: 2, timestamps: 10 }[one.name];
};
