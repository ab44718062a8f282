import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decoder, encode, type Message } from './frame.ts';

const limits = { header: 1000, bytes: 1000 };
const headers = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 4 });
const messages = fc.array(fc.tuple(headers, fc.uint8Array({ maxLength: 300 })), { maxLength: 6 });

/** Feed in pieces of these lengths, in turn. */
const feed = (data: Buffer, pieces: number[], most = limits) => {
  const got: Message[] = [];
  const decode = decoder(most, (message) => got.push({ header: message.header, bytes: Buffer.from(message.bytes) }));
  for (let at = 0, nth = 0; at < data.length; nth++) {
    const end = at + (pieces[nth % pieces.length] ?? 1);
    decode(Buffer.from(data.subarray(at, end)));
    at = end;
  }
  return got;
};

test('messages arrive whole, however they are cut', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, pieces) => {
      const data = Buffer.concat(sent.map(([header, bytes]) => encode(header, Buffer.from(bytes))));
      const roomy = { header: 1e6, bytes: 1e6 };
      expect(feed(data, pieces, roomy)).toEqual(
        sent.map(([header, bytes]) => ({ header: JSON.parse(JSON.stringify(header)), bytes: Buffer.from(bytes) })),
      );
    }),
  );
});

test('whatever arrives, it is a message, or an error of a sentence', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (data, piece) => {
      try {
        for (const { header } of feed(Buffer.from(data), [piece])) expect(typeof header).toBe('object');
      } catch (error) {
        expect((error as Error).message).toMatch(/^a message/);
      }
    }),
  );
});

describe('what is no message', () => {
  const head = (header: number, bytes: number, rest = '') => {
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(header, 0);
    lengths.writeUInt32BE(bytes, 4);
    return Buffer.concat([lengths, Buffer.from(rest)]);
  };
  test.each([
    [head(1001, 0), /says it has 1001 bytes, and 1000 are allowed/],
    [head(0xffffffff, 0), /4294967295/],
    [head(2, 1001, '{}'), /1001 bytes/],
    [head(3, 0, 'abc'), /not JSON: "abc"/],
    [head(0, 0), /not JSON: ""/],
    [head(2, 0, '17'), /not an object: "17"/],
    [head(2, 0, '[]'), /not an object/],
    [head(4, 0, 'null'), /not an object/],
  ])('%o', (data, words) => {
    expect(() => feed(data, [data.length])).toThrow(words);
    expect(() => feed(data, [1])).toThrow(words);
  });

  test('an absurd length is refused before its bytes are waited for', () => {
    expect(() => feed(head(0x7fffffff, 0).subarray(0, 8), [8])).toThrow('2147483647');
  });
});
