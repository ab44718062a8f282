import { expect, test } from 'vitest';
import type { SegmentEvent } from '../schema.ts';
import { roundTripsOf } from './round-trips.ts';

const ms = 1e6;
let number = 0;
/** A segment on its way from `sent` to `received`, in milliseconds. */
const segment = (
  from: 'client' | 'server',
  sent: number,
  received: number | undefined,
  fields: Partial<SegmentEvent>,
) =>
  ({
    kind: 'segment',
    id: `e${++number}`,
    from,
    to: from === 'client' ? 'server' : 'client',
    origin: 'host',
    connection: 0,
    at: sent * ms,
    sentAt: sent * ms,
    ...(received !== undefined && { receivedAt: received * ms }),
    flags: '.',
    seq: 0,
    ack: 0,
    length: 0,
    options: {},
    ...fields,
  }) as SegmentEvent;
const tell = (segments: SegmentEvent[], host: 'client' | 'server') =>
  roundTripsOf(segments, host).map(({ at, total, own }) => [at / ms, total / ms, own / ms]);

test('of a handshake in lockstep, nearly all of the round trip is the wire’s', () => {
  const handshake = [
    segment('client', 0, 10, { flags: 'S' }),
    segment('server', 10.5, 20, { flags: 'S.', ack: 1 }),
    segment('client', 20.25, 30, { seq: 1, ack: 1 }),
  ];
  expect(tell(handshake, 'client')).toEqual([[20, 20, 0.5]]);
  expect(tell(handshake, 'server')).toEqual([[30, 19.5, 0.25]]);
});

test('what the script delays or holds is a round trip of its own', () => {
  const data = segment('client', 0, 310, { length: 5, seq: 1, keptByScript: 300 * ms });
  const ack = segment('server', 310, 320, { ack: 6 });
  expect(tell([data, ack], 'client')).toEqual([[320, 320, 300]]);
});

test('one ACK for several segments measures from the first', () => {
  const data = [1, 6, 11].map((seq, index) => segment('client', index, index + 1, { length: 5, seq }));
  expect(tell([...data, segment('server', 5, 6, { ack: 16 })], 'client')).toMatchObject([[6, 6, 4]]);
});

test('of a simultaneous open the SYN that is sent again with an ACK is measured from that', () => {
  const handshake = [
    segment('client', 0, 100, { flags: 'S' }),
    segment('server', 50, 110, { flags: 'S' }),
    segment('server', 101, 120, { flags: 'S.', ack: 1 }),
    segment('client', 111, 130, { flags: 'S.', ack: 1 }),
  ];
  expect(tell(handshake, 'client')).toEqual([[120, 9, 0]]);
  expect(tell(handshake, 'server')).toEqual([[130, 29, 0]]);
});

test('what was sent again measures nothing (Karn), unless a timestamp tells which copy was answered', () => {
  const timestamps = (value: number, echo: number) => ({ options: { timestamps: { value, echo } } });
  const lost = { length: 5, seq: 1, ...timestamps(100, 1) };
  const again = { length: 5, seq: 1, ...timestamps(300, 1) };
  const data = [segment('client', 0, undefined, lost), segment('client', 200, 201, again)];
  expect(tell([...data, segment('server', 202, 203, { ack: 6 })], 'client')).toEqual([]);
  expect(tell([...data, segment('server', 202, 203, { ack: 6, ...timestamps(50, 300) })], 'client')).toEqual([
    [203, 3, 1],
  ]);
});

test('what was sent again in pieces measures nothing either, be it the last piece alone that is covered', () => {
  const whole = segment('client', 0, undefined, { seq: 1, length: 1448 });
  const pieces = [
    segment('client', 3000, 3001, { seq: 1, length: 1200 }),
    segment('client', 3010, 3011, { seq: 1201, length: 248 }),
  ];
  const answers = [segment('server', 3002, 3003, { ack: 1201 }), segment('server', 3012, 3013, { ack: 1449 })];
  expect(tell([whole, ...pieces, ...answers], 'client')).toEqual([]);
  // A piece that nobody covers newly says nothing of the next.
  const next = segment('client', 3020, 3021, { seq: 1449, length: 5 });
  expect(tell([whole, ...pieces, ...answers, next, segment('server', 3021, 3022, { ack: 1454 })], 'client')).toEqual([
    [3022, 2, 0],
  ]);
});
