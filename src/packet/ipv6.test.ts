import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeSegment, frameObstacle } from './frame.ts';
import { extensionHeaders, formatAddress6, parseAddress6 } from './ipv6.ts';
import { address6, segmentFields6 } from './segment-arbitrary.ts';

const ends = {
  sourceAddress: '2001:db8::1',
  sourcePort: 40000,
  destinationAddress: '2001:db8::2',
  destinationPort: 80,
};

/** The frame with extension headers between the IPv6 header and TCP: each is its kind and its bytes, whose first is set here. */
const withExtensions = (frame: Uint8Array, ...headers: [kind: number, bytes: number[]][]): Uint8Array => {
  const extensions = headers.flatMap(([, bytes], index) => [headers[index + 1]?.[0] ?? 6, ...bytes.slice(1)]);
  const longer = new Uint8Array(frame.length + extensions.length);
  longer.set(frame.subarray(0, 54));
  longer.set(extensions, 54);
  longer.set(frame.subarray(54), 54 + extensions.length);
  longer[20] = headers[0]?.[0] ?? 6;
  new DataView(longer.buffer).setUint16(18, longer.length - 54);
  return longer;
};
const hopByHop: [number, number[]] = [0, [0, 0, 1, 4, 0, 0, 0, 0]];
const destinationOptions: [number, number[]] = [60, [0, 1, ...new Array<number>(14).fill(0)]];
const fragment = (offset: number, more: boolean): [number, number[]] => [
  44,
  [0, 0, offset >>> 5, ((offset << 3) & 0xf8) | Number(more), 0, 0, 0, 1],
];

describe('addresses', () => {
  test('are written as a URL writes them, and read back', () => {
    fc.assert(
      fc.property(address6, (address) => {
        expect(`[${address}]`).toBe(new URL(`http://[${address}]/`).hostname);
        const bytes = parseAddress6(address);
        expect(
          formatAddress6(
            Array.from({ length: 8 }, (_, index) => (bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)),
          ),
        ).toBe(address);
      }),
    );
  });

  test.each([
    '',
    ':',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '::1.2.3.256',
    '1:2:3:4:5:6:7:8::',
  ])('%j is none', (text) => {
    expect(() => parseAddress6(text)).toThrow('is not an IPv6 address');
  });

  test('an IPv4 address mapped into IPv6 is written as inet_ntop(3) writes it', () => {
    const frame = encodeSegment({ ...ends, sourceAddress: '::ffff:192.0.2.1' });
    expect(decodeFrame(frame)?.sourceAddress).toBe('::ffff:192.0.2.1');
  });
});

describe('extension headers', () => {
  const frame = encodeSegment({ ...ends, flags: 'P.', payload: 'hello' });

  test('are passed over, whatever their number', () => {
    const segment = decodeFrame(withExtensions(frame, hopByHop, destinationOptions));
    expect(segment).toMatchObject({ sourcePort: 40000, flags: 'P.', length: 5, complete: true, checksumOk: true });
    expect(segment?.ipOptions.length).toBe(24);
    expect(extensionHeaders(withExtensions(frame, hopByHop, destinationOptions))).toEqual([
      { kind: 0, from: 54, length: 8 },
      { kind: 60, from: 62, length: 16 },
    ]);
  });

  test('a first fragment is a segment whose rest is missing, a later one is none', () => {
    expect(decodeFrame(withExtensions(frame, fragment(0, true)))).toMatchObject({
      moreFragments: true,
      complete: false,
    });
    expect(frameObstacle(withExtensions(frame, fragment(185, false)))).toBe(
      'the packet is a later fragment, without a TCP header',
    );
  });

  test('what is no TCP is named', () => {
    const udp = frame.slice();
    udp[20] = 17;
    expect(frameObstacle(udp)).toBe('the packet carries UDP at byte 54, not TCP');
    expect(frameObstacle(withExtensions(frame, hopByHop).subarray(0, 58))).toBe(
      'the IPv6 extension headers are cut short',
    );
    expect(frameObstacle(frame.subarray(0, 53))).toBe('the IPv6 header is cut short');
  });

  test('any chain of headers ends', () => {
    fc.assert(
      fc.property(
        segmentFields6,
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(255),
        (fields, noise, next) => {
          const bytes = encodeSegment(fields);
          const long = new Uint8Array(54 + noise.length);
          long.set(bytes.subarray(0, 54));
          long.set(noise, 54);
          long[20] = next;
          const segment = decodeFrame(long);
          expect(segment === undefined).toBe(frameObstacle(long) !== undefined);
          if (segment) expect(typeof segment.checksumOk).toBe('boolean');
        },
      ),
      { numRuns: 2000 },
    );
  });
});
