import { expect, it } from 'vitest';
import { parseScript } from '../notation/parse.ts';
import type { PktLine } from '../notation/script.ts';
import { createSchedule } from './schedule.ts';

const read = (text: string) => parseScript(text, 'x.pkt');
const start = (text: string) => {
  const { lines, options } = read(text);
  return { schedule: createSchedule(options), line: (index: number) => lines[index] as PktLine };
};

it('counts relative times from when the event before was over', () => {
  const { schedule, line } = start('0 close(3) = 0\n+.1 > . 1:1(0)');
  schedule.happened(line(0), schedule.due(line(0)), 0.02);
  expect(schedule.due(line(1))).toMatchObject({ at: expect.closeTo(0.12), tolerance: expect.closeTo(0.015) });
});

it('tolerates 4 ms, or an eighth of the time since the event before', () => {
  const { schedule, line } = start('0 close(3) = 0\n0.01 > . 1:1(0)\n1.01 > . 1:1(0)');
  schedule.happened(line(0), schedule.due(line(0)), 0);
  const soon = schedule.due(line(1));
  expect([soon.earliest, soon.latest]).toEqual([expect.closeTo(0.006), expect.closeTo(0.014)]);
  schedule.happened(line(1), soon, 0.01);
  const later = schedule.due(line(2));
  expect([later.earliest, later.latest]).toEqual([expect.closeTo(0.885), expect.closeTo(1.135)]);
});

it('means one inbound segment after another from when the first was due', () => {
  const { schedule, line } = start('0 < . 1:1(0) win 5\n+.01 < . 1:1(0) win 5\n+.01 > . 1:1(0)');
  schedule.happened(line(0), schedule.due(line(0)), 0.005);
  const second = schedule.due(line(1));
  expect(second.at).toBeCloseTo(0.01);
  schedule.happened(line(1), second, 0.013);
  expect(schedule.due(line(2)).at).toBeCloseTo(0.023);
  expect(schedule.slip()).toBeCloseTo(0.003);
});

it('lets a segment go out as soon as the call before it has begun', () => {
  const { schedule, line } = start('0 write(3, ..., 5) = 5\n+0 > . 1:1(0)');
  schedule.happened(line(0), schedule.due(line(0)), 0.1, 0.15);
  expect(schedule.due(line(1))).toMatchObject({ earliest: expect.closeTo(0.081), latest: expect.closeTo(0.169) });
});

it('knows when a blocking call is to return, and that * may be any time', () => {
  const { schedule, line } = start('0 close(3) = 0\n+.01...0.2 read(3, ..., 5) = 5\n* > . 1:1(0)');
  schedule.happened(line(0), schedule.due(line(0)), 1);
  const due = schedule.due(line(1));
  expect(schedule.returnDue(line(1), due, 0.2).at).toBeCloseTo(1.2);
  schedule.happened(line(1), due, 1.01);
  expect(schedule.due(line(2)).latest).toBe(Number.POSITIVE_INFINITY);
});
