import { expect, test } from 'vitest';
import type { SegmentEvent } from '../schema.ts';
import { slowWireGaps } from './slow-wire.ts';

const ms = 1e6;
const segment = (fields: Partial<SegmentEvent>) =>
  ({
    event: {
      kind: 'segment',
      connection: 0,
      origin: 'host',
      length: 0,
      seq: 0,
      ack: 0,
      flags: 'S',
      text: 'S 0:0(0)',
      ...fields,
    },
  }) as { event: SegmentEvent };
const again = segment({
  frame: 2,
  from: 'client',
  role: 'retransmission',
  cause: { kind: 'timer', timer: 'on' },
  sentAt: 1000 * ms,
  receivedAt: 1300 * ms,
});

test('a SYN sent again while the first was still on the wire is the doing of the observer', () => {
  const first = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 1200 * ms });
  const [gap] = slowWireGaps([first, again]);
  expect(gap).toMatchObject({ witness: 'wire', from: 0, to: 1300 * ms });
  expect(gap?.reason).toContain('took 1200 ms');
});

test('so is one sent again while the answer was', () => {
  const first = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 5 * ms });
  const answer = segment({ frame: 3, from: 'server', flags: 'S.', ack: 1, sentAt: 6 * ms, receivedAt: 1100 * ms });
  expect(slowWireGaps([first, answer, again])).toHaveLength(1);
});

test('so is one sent again because both its first copy and the answer took half of the time each', () => {
  const first = (receivedAt: number) => segment({ frame: 1, from: 'client', sentAt: 790 * ms, receivedAt });
  const answer = segment({ frame: 3, from: 'server', flags: 'S.', ack: 1, sentAt: 901 * ms, receivedAt: 1010 * ms });
  const [gap] = slowWireGaps([first(900 * ms), answer, again]);
  expect(gap?.reason).toContain('a segment took 110 ms to its receiver, and its answer 109 ms');
  expect(slowWireGaps([first(800 * ms), answer, again])).toEqual([]);
});

test('a quick wire is no observer', () => {
  const quick = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 5 * ms });
  expect(slowWireGaps([quick, again])).toEqual([]);
});

test('what the script had the wire keep is its own doing: that segment, for so long, and no other', () => {
  const took = { frame: 1, from: 'client', sentAt: 0, receivedAt: 1200 * ms } as const;
  expect(slowWireGaps([segment({ ...took, keptByScript: 1150 * ms }), again])).toEqual([]);
  expect(slowWireGaps([segment({ ...took, keptByScript: 100 * ms }), again])).toHaveLength(1);
  const other = segment({ ...took, frame: 7, connection: 1, keptByScript: 1150 * ms });
  expect(slowWireGaps([segment(took), other, again])).toHaveLength(1);
});

test('one that the script kept beyond the timer was not under way for the observer, however slow the lab was before and after', () => {
  const held = { frame: 1, from: 'client', sentAt: 0, receivedAt: 2400 * ms, keptByScript: 1000 * ms } as const;
  expect(slowWireGaps([segment({ ...held, keptUntil: 1700 * ms }), again])).toEqual([]);
  expect(slowWireGaps([segment({ ...held, keptUntil: 1000 * ms - 1 }), again])).toHaveLength(1);
});
