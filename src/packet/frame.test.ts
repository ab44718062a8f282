import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDamaged, decodeFrame, encodeSegment, fieldsOf, frameObstacle, type SegmentFields } from './frame.ts';
import type { Segment } from './segment.ts';
import { segmentFields, segmentFields6 } from './segment-arbitrary.ts';

const anyFields = fc.oneof(segmentFields, segmentFields6);
const ends = { sourceAddress: '192.0.2.1', sourcePort: 40000, destinationAddress: '192.0.2.2', destinationPort: 50000 };

const decoded = (fields: SegmentFields): Segment => decodeFrame(encodeSegment(fields)) as Segment;

const readEverything = (frame: Uint8Array): void => {
  const segment = decodeFrame(frame);
  expect(frameObstacle(frame) === undefined).toBe(segment !== undefined);
  const damaged = decodeDamaged(frame);
  if (segment) expect(damaged).toEqual(segment);
  else if (damaged) expect(frame.length).toBeGreaterThanOrEqual(damaged.tcpOffset + 20);
  if (!segment) return;
  expect(segment.length).toBeGreaterThanOrEqual(0);
  expect(segment.payload.length).toBeLessThanOrEqual(segment.length);
  expect(typeof segment.checksumOk).toBe('boolean');
  fieldsOf(segment);
  void segment.options;
};

describe('encoding and decoding', () => {
  test('every field of a segment is read back as it was written', () => {
    fc.assert(
      fc.property(segmentFields, (fields) => {
        const segment = decoded(fields);
        expect(fieldsOf(segment)).toEqual({
          ...fields,
          moreFragments: false,
          ipChecksum: 'right',
          tcpChecksum: 'right',
          payload: fields.payload,
        });
        expect(segment.checksumOk).toBe(true);
        expect(segment.length).toBe(fields.payload.length);
      }),
    );
  });

  test('over IPv6 as well', () => {
    fc.assert(
      fc.property(segmentFields6, (fields) => {
        const segment = decoded(fields);
        expect(segment.version).toBe(6);
        expect(fieldsOf(segment)).toEqual({ ...fields, tcpChecksum: 'right', payload: fields.payload });
        expect([segment.checksumOk, segment.complete]).toEqual([true, true]);
        expect(segment.length).toBe(fields.payload.length);
      }),
    );
  });

  test('the fields of a decoded segment encode to the same frame', () => {
    fc.assert(
      fc.property(fc.oneof(segmentFields, segmentFields6), (fields) => {
        const frame = encodeSegment(fields);
        expect(encodeSegment(fieldsOf(decoded(fields)))).toEqual(frame);
      }),
    );
  });

  test('only the endpoints must be given', () => {
    const segment = decoded(ends);
    expect(segment).toMatchObject({
      flags: '.',
      seq: 0,
      ack: 0,
      window: 64240,
      ttl: 64,
      dontFragment: true,
      length: 0,
    });
    expect(segment.sourceMac).toBe('02:00:00:00:00:01');
    expect(segment.destinationMac).toBe('02:00:00:00:00:02');
    expect(segment.options).toEqual({});
  });

  test('sequence numbers are taken modulo 2^32, text as UTF-8', () => {
    const segment = decoded({ ...ends, seq: 2 ** 32 + 5, ack: -1, payload: 'é' });
    expect([segment.seq, segment.ack]).toEqual([5, 0xffffffff]);
    expect(Array.from(segment.payload)).toEqual([0xc3, 0xa9]);
  });

  test.each([
    [{ sourceAddress: '192.0.2' }, '"192.0.2" is not an IPv4 address: write it as 192.0.2.1'],
    [{ sourceMac: '2:0:0:0:0:1' }, '"2:0:0:0:0:1" is not a MAC address: write it as 02:00:00:00:00:01'],
    [
      { payload: new Uint8Array(65536) },
      'The datagram would be 65576 bytes long and IPv4 allows 65535: shorten the payload',
    ],
    [{ sourceAddress: '2001:db8::1::' }, '"2001:db8::1::" is not an IPv6 address: write it as 2001:db8::1'],
    [
      { sourceAddress: '2001:db8::1', payload: new Uint8Array(65536) },
      'The segment would be 65556 bytes long and IPv6 allows 65535: shorten the payload',
    ],
    [{ ipOptions: new Uint8Array(3) }, 'The IPv4 options take 3 bytes: they must be a multiple of 4 and 40 at most'],
  ])('%j is refused', (fields, message) => {
    expect(() => encodeSegment({ ...ends, ...fields })).toThrow(message);
  });
});

describe('checksums', () => {
  test('a wrong one is written on request and found wrong', () => {
    fc.assert(
      fc.property(segmentFields, (fields) => {
        const wrongTcp = decoded({ ...fields, tcpChecksum: 'wrong' });
        expect([wrongTcp.ipChecksumOk, wrongTcp.tcpChecksumOk, wrongTcp.checksumOk]).toEqual([true, false, false]);
        const wrongIp = decoded({ ...fields, ipChecksum: 'wrong' });
        expect([wrongIp.ipChecksumOk, wrongIp.tcpChecksumOk, wrongIp.checksumOk]).toEqual([false, true, false]);
      }),
    );
  });

  test('one changed bit is noticed', () => {
    const frame = encodeSegment({ ...ends, payload: 'hello' });
    for (let at = 14; at < frame.length; at++) {
      const changed = frame.slice();
      changed[at] = (changed[at] as number) ^ 0x10;
      const segment = decodeFrame(changed);
      if (segment) expect(segment.checksumOk, `byte ${at}`).toBe(false);
    }
  });

  test('a segment captured in part has no checksum that could be verified', () => {
    const frame = encodeSegment({ ...ends, payload: 'hello' });
    const segment = decodeFrame(frame.subarray(0, frame.length - 2)) as Segment;
    expect(segment).toMatchObject({ length: 5, complete: false, ipChecksumOk: true, tcpChecksumOk: false });
    expect(new TextDecoder().decode(segment.payload)).toBe('hel');
  });

  test('padding behind the datagram does not count', () => {
    const segment = decodeFrame(padded(encodeSegment(ends), 60)) as Segment;
    expect(segment).toMatchObject({ length: 0, complete: true, checksumOk: true });
    expect(segment.payload.length).toBe(0);
  });
});

describe('frames without a segment', () => {
  const frame = encodeSegment(ends);
  const changed = (offset: number, ...bytes: number[]) => {
    const copy = frame.slice();
    copy.set(bytes, offset);
    return copy;
  };

  test.each([
    ['the frame is shorter than an Ethernet header', frame.subarray(0, 13)],
    ['the frame carries ARP, not IP', changed(12, 0x08, 0x06)],
    ['the frame carries type 0x1234, not IP', changed(12, 0x12, 0x34)],
    ['the IPv4 header is cut short', frame.subarray(0, 33)],
    ['the IPv4 header states version 6', changed(14, 0x65)],
    ['the IPv4 header states a length of 16 bytes, less than 20', changed(14, 0x44)],
    ['the IPv4 options are cut short', changed(14, 0x4f).subarray(0, 54)],
    ['the datagram carries UDP, not TCP', changed(23, 17)],
    ['the datagram is a later fragment, without a TCP header', changed(20, 0x00, 0x01)],
    ['the length in the IP header leaves 19 bytes for a TCP header of at least 20', changed(16, 0, 39)],
    ['the TCP header is cut short', frame.subarray(0, 53)],
    ['the TCP header states a length of 16 bytes, less than 20', changed(46, 0x40)],
    ['the TCP header states a length of 24 bytes where the datagram has 20', changed(46, 0x60)],
  ])('%s', (reason, bytes) => {
    expect(frameObstacle(bytes)).toBe(reason);
    expect(decodeFrame(bytes)).toBeUndefined();
  });
});

test('of a segment whose TCP header states a wrong length, the rest of the header can be shown', () => {
  const frame = encodeSegment({ ...ends, seq: 7 });
  for (const stated of [0x40, 0xf0]) {
    frame[46] = stated;
    expect(decodeFrame(frame)).toBeUndefined();
    expect(decodeDamaged(frame)).toMatchObject({ sourcePort: 40000, seq: 7, tcpOffset: 34 });
  }
  expect(decodeDamaged(frame.subarray(0, 53))).toBeUndefined();
});

describe('bytes of any kind', () => {
  test('arbitrary bytes never throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), readEverything), { numRuns: 1000 });
  });

  test('a valid frame with bytes changed or cut off never throws', () => {
    const change = fc.tuple(fc.nat(120), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(anyFields, fc.array(change, { maxLength: 6 }), fc.nat(160), (fields, changes, length) => {
        const frame = encodeSegment(fields);
        for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
        readEverything(frame.subarray(0, Math.min(length, frame.length)));
        readEverything(frame);
      }),
      { numRuns: 2000 },
    );
  });
});

const padded = (frame: Uint8Array, length: number): Uint8Array => {
  const longer = new Uint8Array(length);
  longer.set(frame);
  return longer;
};
