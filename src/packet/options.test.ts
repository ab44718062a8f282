import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOutOptions, summarizeOptions } from './option-summary.ts';
import { decodeOptions, encodeOptions } from './options.ts';
import { optionList } from './segment-arbitrary.ts';

const nop = { name: 'nop' } as const;
const decode = (...bytes: number[]) => decodeOptions(Uint8Array.from(bytes), 0, bytes.length);

test('what was encoded is decoded again', () => {
  fc.assert(
    fc.property(optionList, (list) => {
      const bytes = encodeOptions(list);
      expect(bytes.length % 4).toBe(0);
      expect(decodeOptions(bytes, 0, bytes.length)).toEqual(list);
    }),
  );
});

test('any bytes are decoded without an exception, and encoding gives the same bytes', () => {
  const words = fc.integer({ min: 0, max: 10 });
  const likely = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 10), fc.integer({ min: 0, max: 255 }));
  const bytes = words.chain((count) => fc.array(likely, { minLength: count * 4, maxLength: count * 4 }));
  fc.assert(
    fc.property(bytes, (given) => {
      expect(Array.from(encodeOptions(decode(...given)))).toEqual(given);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a length of zero', [1, 8, 0, 7], [nop, { name: 'raw', data: Uint8Array.of(8, 0, 7) }]],
  ['a length beyond the header', [2, 9, 1, 1], [{ name: 'raw', data: Uint8Array.of(2, 9, 1, 1) }]],
  ['a kind without its length', [1, 1, 1, 3], [nop, nop, nop, { name: 'raw', data: Uint8Array.of(3) }]],
  ['a known kind with a length not its own', [2, 3, 7, 1], [{ name: 'other', kind: 2, data: Uint8Array.of(7) }, nop]],
  ['bytes behind the end of the list', [0, 2, 4, 5], [{ name: 'raw', data: Uint8Array.of(0, 2, 4, 5) }]],
  ['padding behind the end of the list', [1, 0, 0, 0], [nop]],
])('%s is kept as it stands', (_, bytes, expected) => {
  expect(decode(...bytes)).toEqual(expected);
});

test('more than 40 bytes are refused', () => {
  const list = Array.from({ length: 11 }, () => ({ name: 'mss' as const, value: 1 }));
  expect(() => encodeOptions(list)).toThrow(
    'The TCP options take 44 bytes and a header has room for 40: leave some out',
  );
});

test('options by name are laid out as Linux does, and read back', () => {
  const syn = { mss: 1460, sackPermitted: true, timestamps: { value: 1, echo: 2 }, windowScale: 7 } as const;
  const names = layOutOptions(syn).map(({ name }) => name);
  expect(names).toEqual(['mss', 'sackPermitted', 'timestamps', 'nop', 'windowScale']);
  expect(summarizeOptions(layOutOptions(syn))).toEqual(syn);
  const ack = { timestamps: { value: 1, echo: 2 }, sack: [[5, 9]] as [number, number][] };
  expect(layOutOptions(ack).map(({ name }) => name)).toEqual(['nop', 'nop', 'timestamps', 'nop', 'nop', 'sack']);
  expect(summarizeOptions(layOutOptions(ack))).toEqual(ack);
});

test('kinds without a name are listed by number', () => {
  expect(summarizeOptions(decode(34, 2, 253, 4, 1, 2, 1, 1))).toEqual({ other: [34, 253] });
});
