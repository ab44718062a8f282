import { expect, test } from 'vitest';
import type { WireRecord } from '../control/records.ts';
import type { SegmentEvent } from './schema.ts';
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
  const [gap] = slowWireGaps([first, again], []);
  expect(gap).toMatchObject({ witness: 'wire', from: 0, to: 1300 * ms });
  expect(gap?.reason).toContain('took 1200 ms');
});

test('so is one sent again while the answer was', () => {
  const first = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 5 * ms });
  const answer = segment({ frame: 3, from: 'server', flags: 'S.', ack: 1, sentAt: 6 * ms, receivedAt: 1100 * ms });
  expect(slowWireGaps([first, answer, again], [])).toHaveLength(1);
});

test('what the script lost, held or delayed is its own doing, and a quick wire is no observer', () => {
  const first = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 1200 * ms });
  const hold: WireRecord = { type: 'hold', t: 0, frame: 1, operation: 1 };
  const delay: WireRecord = { type: 'delay', t: 0, frame: 1, operation: 1, milliseconds: 1150 };
  expect(slowWireGaps([first, again], [hold])).toEqual([]);
  expect(slowWireGaps([first, again], [delay])).toEqual([]);
  const quick = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 5 * ms });
  expect(slowWireGaps([quick, again], [])).toEqual([]);
});

test('a delay excuses the segments it was applied to, by as much as it asked for, and no others', () => {
  const first = segment({ frame: 1, from: 'client', sentAt: 0, receivedAt: 1200 * ms });
  const delay = { type: 'delay', t: 0, operation: 1, milliseconds: 1150 } as const;
  const rule: WireRecord = { type: 'operation', t: 0, operation: 1, name: 'delay', args: { milliseconds: 1150 } };
  expect(slowWireGaps([first, again], [rule])).toHaveLength(1);
  expect(slowWireGaps([first, again], [rule, { ...delay, frame: 7 }])).toHaveLength(1);
  expect(slowWireGaps([first, again], [rule, { ...delay, frame: 1, milliseconds: 100 }])).toHaveLength(1);
});
