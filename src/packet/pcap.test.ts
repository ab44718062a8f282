import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePcap } from './encode-pcap.ts';
import { type CapturedPacket, pcapReader, readPcap } from './pcap.ts';

const packet = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffffffff }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  data: fc.uint8Array({ maxLength: 80 }),
  originalLength: fc.integer({ min: 80, max: 0xffff }),
});
const packets = fc.array(packet, { maxLength: 8 });
const indexed = (list: Omit<CapturedPacket, 'index'>[]) => list.map((one, at) => ({ index: at + 1, ...one }));

describe('whole files', () => {
  test('are read as they were written, in either byte order', () => {
    fc.assert(
      fc.property(packets, fc.boolean(), (written, bigEndian) => {
        const capture = readPcap(encodePcap(written, { bigEndian, linkType: 113 }));
        expect(capture).toEqual({ linkType: 113, nanoseconds: true, packets: indexed(written) });
      }),
    );
  });

  test('with microseconds give nanoseconds', () => {
    const [one] = readPcap(
      encodePcap([{ seconds: 1, nanoseconds: 123_456_789, data: Uint8Array.of(1) }], { nanoseconds: false }),
    ).packets;
    expect(one).toMatchObject({ seconds: 1, nanoseconds: 123_456_000, originalLength: 1 });
  });

  test('share their bytes with the packets', () => {
    const file = encodePcap([{ seconds: 1, nanoseconds: 2, data: Uint8Array.of(7, 8) }]);
    expect(readPcap(file).packets[0]?.data.buffer).toBe(file.buffer);
  });
});

describe('damaged files', () => {
  const written = [1, 2, 3].map((seconds) => ({ seconds, nanoseconds: 0, data: new Uint8Array(seconds * 10) }));
  const file = encodePcap(written);
  const changed = (offset: number, ...bytes: number[]) => {
    const copy = file.slice();
    copy.set(bytes, offset);
    return copy;
  };

  test('cut short anywhere, give every packet before the cut and say where it is', () => {
    const ends = [24, 24 + 26, 24 + 26 + 36, file.length];
    for (let length = 0; length <= file.length; length++) {
      const { packets: read, damage } = readPcap(file.subarray(0, length));
      const whole = ends.filter((end) => end <= length);
      expect(read.length).toBe(Math.max(0, whole.length - 1));
      if (whole.at(-1) === length) expect(damage).toBeUndefined();
      else expect(damage?.offset, `cut after ${length} bytes`).toBe(whole.at(-1) ?? 0);
    }
  });

  test.each([
    ['the file is empty', 0, new Uint8Array(0)],
    ['the file header is cut short after 10 of 24 bytes', 0, file.subarray(0, 10)],
    ['the file begins with 0x7b22617b, which is no pcap format', 0, changed(0, 0x7b, 0x22, 0x61, 0x7b)],
    ['the file is in pcapng format, not classic pcap', 0, changed(0, 0x0a, 0x0d, 0x0d, 0x0a)],
    ['the file states version 3 of the pcap format, and only version 2 is known', 0, changed(4, 3)],
    ['the header of packet 2 states a length of 1048576 bytes', 50, changed(50 + 8, 0, 0, 0x10, 0)],
    ['the header of packet 2 states 4294967295 nanoseconds within a second', 50, changed(50 + 4, 255, 255, 255, 255)],
    ['the file ends within a packet, 36 bytes after it began', 86, file.subarray(0, 86 + 36)],
  ])('%s', (reason, offset, bytes) => {
    expect(readPcap(bytes).damage).toEqual({ offset, reason });
  });

  test('of any bytes never throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readPcap(bytes)));
    const change = fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const copy = file.slice();
        for (const [at, value] of changes) copy[at] = value;
        readPcap(copy);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a file read piece by piece gives the same as at once', () => {
  fc.assert(
    fc.property(packets, fc.integer({ min: 1, max: 60 }), fc.nat(20), (written, size, missing) => {
      const whole = encodePcap(written);
      const file = whole.subarray(0, Math.max(0, whole.length - missing));
      const reader = pcapReader();
      const pieces: CapturedPacket[] = [];
      for (let at = 0; at < file.length; at += size) pieces.push(...reader.push(file.slice(at, at + size)));
      const capture = reader.end();
      expect(capture).toEqual(readPcap(file));
      expect(pieces).toEqual(capture.packets);
    }),
  );
});
