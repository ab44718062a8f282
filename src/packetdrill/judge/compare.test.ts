import { expect, it } from 'vitest';
import { parseScript } from '../notation/parse.ts';
import { continues, difference, merge, type SentSegment, wordsOf } from './compare.ts';

const numbers = { local: 0, remote: 0, remoteIsn: 1000 };
const sent = (changes: Partial<SentSegment> = {}): SentSegment => ({
  flags: '.',
  seq: 1,
  ack: 2,
  length: 0,
  window: 501,
  options: {},
  ...changes,
});
const expected = (text: string) => {
  const line = parseScript(`0 close(3) = 0\n+0 > ${text}`, 'x.pkt').lines[1];
  if (line?.action !== 'outbound') throw new Error('not a segment');
  return line.segment;
};
const differs = (text: string, segment: SentSegment, own = numbers) => difference(expected(text), segment, own)?.words;

it('agrees where every field written agrees', () => {
  expect(differs('. 1:1(0) ack 2', sent())).toBeUndefined();
  expect(differs('. 1:1(0) ack 2 win 501', sent())).toBeUndefined();
  expect(differs('. 1:1(0) ack 2 <...>', sent({ options: { mss: 5 } }))).toBeUndefined();
});

it.each([
  ['F. 1:1(0) ack 2', 'flags'],
  ['. 2:2(0) ack 2', 'sequence number'],
  ['. 1:3(2) ack 2', 'payload'],
  ['. 1:1(0) ack 3', 'ack number'],
  ['. 1:1(0) ack 2 win 7', 'window'],
  ['. 1:1(0) ack 2 <mss 1460>', 'options'],
])('names what differs from %s: the %s', (text, words) => {
  expect(differs(text, sent())).toContain(words);
});

it('compares options one by one where the frame is at hand, and timestamps by their presence', () => {
  const optionList = [{ name: 'nop' }, { name: 'nop' }, { name: 'timestamps', value: 9, echo: 8 }] as const;
  const segment = sent({ options: { timestamps: { value: 9, echo: 8 } }, optionList });
  expect(differs('. 1:1(0) ack 2 <nop,nop,TS val 100 ecr 200>', segment)).toBeUndefined();
  expect(differs('. 1:1(0) ack 2 <TS val 100 ecr 200,nop,nop>', segment)).toContain('options');
});

it('counts SACK blocks from the first number of the scripted side', () => {
  const segment = sent({ options: { sack: [[1101, 1201]] } });
  expect(differs('. 1:1(0) ack 2 <nop,nop,sack 101:201>', segment)).toBeUndefined();
  expect(differs('. 1:1(0) ack 2 <nop,nop,sack 101:301>', segment)).toContain('sack 101:201');
});

it('takes the numbers of a SYN as they are written', () => {
  const synAck = sent({ flags: 'S.', seq: 0, ack: 1, options: {} });
  expect(differs('S. 500:500(0) ack 7001', synAck, { local: 500, remote: 7000, remoteIsn: 7000 })).toBeUndefined();
});

it('joins what the kernel sends in pieces', () => {
  const pieces = [sent({ length: 1000 }), sent({ seq: 1001, length: 500, flags: 'P.' })];
  expect(continues(pieces.slice(0, 1), pieces[1] as SentSegment)).toBe(true);
  expect(continues(pieces.slice(0, 1), sent({ seq: 1, length: 1000 }))).toBe(false);
  expect(differs('P. 1:1501(1500) ack 2', merge(pieces))).toBeUndefined();
  expect(wordsOf(merge(pieces), numbers)).toBe('P. 1:1501(1500) ack 2 win 501');
});
