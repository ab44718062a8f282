import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame, encodeSegment } from '../../packet/frame.ts';
import { segmentFields, segmentFields6 } from '../../packet/segment-arbitrary.ts';
import { decodeHeaders } from './browser/headers.ts';

test('the fields on the page are those the timeline was made of', () => {
  fc.assert(
    fc.property(segmentFields, (fields) => {
      const bytes = encodeSegment(fields);
      const segment = decodeFrame(bytes);
      if (!segment || segment.ipOptions.length > 0) return;
      const shown = Object.fromEntries(
        decodeHeaders(bytes).flatMap(({ layer, fields: list }) =>
          list.map(({ name, value }) => [`${layer} ${name}`, value]),
        ),
      );
      expect(shown).toMatchObject({
        'Ethernet source': segment.sourceMac,
        'IPv4 source': segment.sourceAddress,
        'IPv4 destination': segment.destinationAddress,
        'IPv4 time to live': String(segment.ttl),
        'TCP source port': String(segment.sourcePort),
        'TCP sequence number': String(segment.seq),
        'TCP acknowledgement': String(segment.ack),
        'TCP window': String(segment.window),
        'TCP urgent pointer': String(segment.urgent),
      });
    }),
  );
});

test('over IPv6 as well', () => {
  fc.assert(
    fc.property(segmentFields6, (fields) => {
      const bytes = encodeSegment(fields);
      const segment = decodeFrame(bytes);
      const shown = Object.fromEntries(
        decodeHeaders(bytes).flatMap(({ layer, fields: list }) =>
          list.map(({ name, value }) => [`${layer} ${name}`, value]),
        ),
      );
      expect(shown).toMatchObject({
        'IPv6 source': segment?.sourceAddress,
        'IPv6 destination': segment?.destinationAddress,
        'IPv6 hop limit': String(segment?.ttl),
        'TCP source port': String(segment?.sourcePort),
        'TCP sequence number': String(segment?.seq),
        'TCP window': String(segment?.window),
      });
    }),
  );
});

test.each(['::ffff:10.1.0.2', '::', '::1', 'fd00:0:0:1::2', 'fd00::1:0:0:2', 'fd00:1:0:2:3:4:5:6'])(
  'the address %s is written as ss writes it',
  (address) => {
    const [fields] = fc.sample(segmentFields6, 1);
    const bytes = encodeSegment({ ...(fields as NonNullable<typeof fields>), sourceAddress: address });
    const source = decodeHeaders(bytes)[1]?.fields.find(({ name }) => name === 'source');
    expect(source?.value).toBe(address);
  },
);

test('a header that states less than there is of it', () => {
  const [fields] = fc.sample(segmentFields, 1);
  const plain = { ...(fields as NonNullable<typeof fields>), ipOptions: new Uint8Array(), options: [] };
  const bytes = encodeSegment({ ...plain, payload: Uint8Array.of(1) });
  const broken = (at: number, value: number) => decodeHeaders(Uint8Array.from(bytes.with(at, value)));
  expect(broken(14 + 20 + 12, 0x10).at(-1)?.fields).toMatchObject([{ name: 'bytes', from: 54 }]);
  expect(broken(14, 0x42)).toEqual([]);
});

test('every byte belongs to at most one field, and no bytes make it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 120 }),
        segmentFields.map((fields) => encodeSegment(fields)),
        segmentFields6.map((fields) => encodeSegment(fields)),
        // The headers of IPv6, and behind them anything.
        fc
          .tuple(segmentFields6, fc.uint8Array({ minLength: 20, maxLength: 80 }), fc.nat(60))
          .map(([fields, rest, next]) => {
            const head = encodeSegment(fields).subarray(0, 54);
            head[20] = next;
            return Uint8Array.from([...head, ...rest]);
          }),
      ),
      (bytes) => {
        const taken = new Set<number>();
        for (const { fields } of decodeHeaders(new Uint8Array(bytes))) {
          for (const { from, to } of fields) {
            for (let at = from; at < to; at++) {
              expect(taken.has(at)).toBe(false);
              taken.add(at);
            }
          }
        }
      },
    ),
  );
});
