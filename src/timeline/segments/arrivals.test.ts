import { expect, test } from 'vitest';
import { followArrivals } from './arrivals.ts';
import type { SegmentDraft } from './segments.ts';

type Told = {
  flags: string;
  seq: number;
  ack?: number;
  length?: number;
  window?: number;
  connection?: number;
  scale?: number;
};
let time = 0;
const segment = ({ flags, seq, ack = 0, length = 0, window = 1000, connection = 0, scale }: Told): SegmentDraft => {
  const at = ++time;
  const absolute = { seq: (seq + 0xfffffff0) >>> 0, ack: (ack + 5000) >>> 0 };
  const options = scale === undefined ? {} : { windowScale: scale };
  const event = { kind: 'segment', flags, seq, ack, length, window, connection, absolute, options, at };
  return { event } as unknown as SegmentDraft;
};
/** What this host sends; its numbers are the other's acknowledgements. */
const own = ({ flags, seq, ack = 0, ...more }: Told): SegmentDraft => {
  const draft = segment({ flags, seq, ack, ...more });
  draft.event.absolute = { seq: (seq + 5000) >>> 0, ack: (ack + 0xfffffff0) >>> 0 };
  return draft;
};

/** A handshake begun here. */
const opened = () => {
  const sent = [own({ flags: 'S', seq: 0 })];
  const received = [segment({ flags: 'S.', seq: 0, ack: 1 })];
  sent.push(own({ flags: '.', seq: 1, ack: 1 }));
  return { sent, received };
};
/** What each arrival was. */
const told = ({ sent, received }: { sent: SegmentDraft[]; received: SegmentDraft[] }) => {
  const of = followArrivals({ received, sent }, 0, ({ event }) => event.at);
  return received.map((draft) => {
    const { isTaken, completesFin, isReset } = of(draft);
    return [isTaken && 'taken', completesFin && 'fin', isReset && 'reset'].filter(Boolean).join(' ');
  });
};

test('a SYN-ACK that acknowledges what was never sent opens nothing', () => {
  const sent = [own({ flags: 'S', seq: 0 })];
  const received = [segment({ flags: 'S.', seq: 0, ack: 500 }), segment({ flags: 'S.', seq: 0, ack: 1 })];
  expect(told({ sent, received })).toEqual(['', 'taken']);
});

test('a FIN counts when all before it has come', () => {
  const { sent, received } = opened();
  received.push(segment({ flags: 'F.', seq: 6, ack: 1 }), segment({ flags: 'P.', seq: 1, ack: 1, length: 5 }));
  received.push(segment({ flags: 'F.', seq: 6, ack: 1 }));
  // The kernel may have dropped the first of them.
  expect(told({ sent, received })).toEqual(['taken', 'taken', 'taken fin', 'taken fin']);
});

test('a FIN that the host has acknowledged counts no more', () => {
  const { sent, received } = opened();
  const fin = { flags: 'F.', seq: 1, ack: 1 };
  received.push(segment(fin));
  sent.push(own({ flags: '.', seq: 1, ack: 2 }));
  received.push(segment(fin));
  expect(told({ sent, received })).toEqual(['taken', 'taken fin', 'taken']);
});

test('a FIN or a reset outside of the window is none; a reset within it counts only at the number that is expected', () => {
  const { sent, received } = opened();
  received.push(segment({ flags: 'F.', seq: 5_000_000, ack: 1 }), segment({ flags: 'R', seq: 5_000_000 }));
  received.push(segment({ flags: 'R', seq: 300 }), segment({ flags: 'R', seq: 1 }));
  expect(told({ sent, received })).toEqual(['taken', '', '', 'taken', 'taken reset']);
});

test('where what came was dropped, by the own acknowledgement, a reset counts at the number it left off', () => {
  const { sent, received } = opened();
  received.push(segment({ flags: 'P.', seq: 1, ack: 1, length: 100 }));
  sent.push(own({ flags: '.', seq: 1, ack: 1 }));
  received.push(segment({ flags: 'R', seq: 1 }));
  expect(told({ sent, received })).toEqual(['taken', 'taken', 'taken reset']);
  sent.splice(-1);
  expect(told({ sent, received })).toEqual(['taken', 'taken', 'taken']);
});

test('in SYN-SENT a reset counts that acknowledges the SYN', () => {
  const sent = [own({ flags: 'S', seq: 0 })];
  const received = [segment({ flags: 'R.', seq: 0, ack: 7 }), segment({ flags: 'R.', seq: 0, ack: 1 })];
  expect(told({ sent, received })).toEqual(['', 'reset']);
});

test('what the host acknowledges it has received, whether a capture shows it or not', () => {
  const { sent, received } = opened();
  sent.push(own({ flags: '.', seq: 1, ack: 101 }));
  received.push(segment({ flags: 'F.', seq: 101, ack: 1 }));
  expect(told({ sent, received })).toEqual(['taken', 'taken fin']);
});

test('the window is scaled where both sides said so', () => {
  const sent = [own({ flags: 'S', seq: 0, scale: 7 })];
  const received = [segment({ flags: 'S.', seq: 0, ack: 1, scale: 7 })];
  sent.push(own({ flags: '.', seq: 1, ack: 1, window: 10 }));
  received.push(segment({ flags: 'P.', seq: 1200, ack: 1, length: 10 }), segment({ flags: '.', seq: 1500, ack: 1 }));
  expect(told({ sent, received })).toEqual(['taken', 'taken', '']);
});
