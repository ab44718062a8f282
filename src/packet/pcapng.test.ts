import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePcapng } from './pcapng.ts';

/** A reader of its own, after the draft: every block states its length at both ends, every option is padded to four bytes. */
const readBlocks = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: { type: number; body: DataView }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    expect(length % 4).toBe(0);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
    blocks.push({
      type: view.getUint32(at, true),
      body: new DataView(bytes.buffer, bytes.byteOffset + at + 8, length - 12),
    });
    at += length;
  }
  return blocks;
};

const readOptions = (body: DataView, from: number): Map<number, Uint8Array> => {
  const options = new Map<number, Uint8Array>();
  for (let at = from; at < body.byteLength; ) {
    const [code, length] = [body.getUint16(at, true), body.getUint16(at + 2, true)];
    if (code === 0) {
      expect(at + 4).toBe(body.byteLength);
      break;
    }
    options.set(code, new Uint8Array(body.buffer, body.byteOffset + at + 4, length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return options;
};

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes));

const packet = fc.record({
  seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  data: fc.uint8Array({ maxLength: 80 }),
  interface: fc.integer({ min: 0, max: 1 }),
  comment: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
});

test('packets, times, interfaces and comments come back as they were', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 6 }), fc.string({ unit: 'grapheme' }), (packets, comment) => {
      const [section, ...others] = readBlocks(
        encodePcapng({ interfaces: [{ name: 'client' }, { name: 'server', description: 'x' }], packets, comment }),
      );
      expect(section?.type).toBe(0x0a0d0d0a);
      expect(section?.body.getUint32(0, true)).toBe(0x1a2b3c4d);
      expect(text(readOptions(section?.body as DataView, 16).get(1)) ?? '').toBe(comment);
      const interfaces = others.slice(0, 2);
      expect(interfaces.map(({ body }) => text(readOptions(body, 8).get(2)))).toEqual(['client', 'server']);
      expect(interfaces.map(({ body }) => readOptions(body, 8).get(9)?.[0])).toEqual([9, 9]);
      const read = others.slice(2).map(({ type, body }) => {
        expect(type).toBe(6);
        const length = body.getUint32(12, true);
        const time = (BigInt(body.getUint32(4, true)) << 32n) | BigInt(body.getUint32(8, true));
        return {
          seconds: Number(time / 1_000_000_000n),
          nanoseconds: Number(time % 1_000_000_000n),
          data: new Uint8Array(body.buffer, body.byteOffset + 20, length),
          interface: body.getUint32(0, true),
          comment: text(readOptions(body, 20 + Math.ceil(length / 4) * 4).get(1)),
        };
      });
      expect(read).toEqual(
        packets.map((one) => ({ ...one, data: new Uint8Array(one.data), comment: one.comment || undefined })),
      );
    }),
  );
});

test('a comment too long for its length field is cut between characters', () => {
  const [section] = readBlocks(encodePcapng({ interfaces: [], packets: [], comment: 'é'.repeat(40_000) }));
  const comment = text(readOptions(section?.body as DataView, 16).get(1)) ?? '';
  expect(comment).toBe('é'.repeat(32_767));
});
