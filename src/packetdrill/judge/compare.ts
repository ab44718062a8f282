// Whether the segments the kernel sent are the one a script expects, by packetdrill's rules: every field the script
// writes; options one by one and in order, timestamps by their presence; the window only where it is written; the
// payload by its length.

import { notation } from '../../packet/notation.ts';
import { summarizeOptions, type TcpOptions } from '../../packet/option-summary.ts';
import type { TcpOption } from '../../packet/options.ts';
import { sequenceDistance } from '../../packet/sequence.ts';
import { itemAt } from '../../record/item-at.ts';
import type { PktSegment } from '../notation/script.ts';

/** A segment the kernel sent. Numbers are relative to the initial ones. */
export type SentSegment = {
  flags: string;
  seq: number;
  ack: number;
  length: number;
  window: number;
  options: TcpOptions;
  /** Only where the frame itself was at hand. */
  optionList?: readonly TcpOption[];
};

/**
 * The initial sequence numbers as the script writes them in its SYNs, and the real one of the scripted side, which SACK
 * blocks count from.
 */
export type Numbers = { local: number; remote: number; remoteIsn: number };

/**
 * Several segments that make up what the script writes as one (it counts on the kernel handing over more than an MSS at
 * once).
 */
export const merge = (segments: SentSegment[]): SentSegment => {
  const first = itemAt(segments, 0);
  const last = itemAt(segments, segments.length - 1);
  const flags =
    first.flags + [...last.flags].filter((letter) => 'FP'.includes(letter) && !first.flags.includes(letter)).join('');
  return { ...first, flags: inOrder(flags), length: segments.reduce((sum, { length }) => sum + length, 0) };
};

/** Whether `next` carries on where the segments so far end. */
export const continues = (segments: SentSegment[], next: SentSegment): boolean => {
  const { seq, length, ack } = merge(segments);
  return next.seq === seq + length && next.ack === ack && next.length > 0;
};

/** What differs. `fixed`: it would whenever the segment were sent, for it is the same segment but for its window or options. */
export type Difference = { words: string; fixed?: true };

/** Nothing when they agree. */
export const difference = (expected: PktSegment, sent: SentSegment, numbers: Numbers): Difference | undefined => {
  const words = otherSegment(expected, sent, numbers);
  if (words) return { words };
  if (expected.window !== undefined && expected.window !== sent.window)
    return { words: `the window is ${sent.window} and not ${expected.window}`, fixed: true };
  const options = expected.options && differentOptions(expected.options, sent, numbers);
  return options === undefined ? undefined : { words: options, fixed: true };
};

/**
 * Whether it is a segment of another kind: one opens (SYN), closes (FIN) or resets where the other does not. What a
 * late tool can bring about is what the kernel's timers send meanwhile: the same segment once more, a probe, a delayed
 * ACK. None of them is a first SYN, FIN or RST.
 */
export const isOtherKind = (expected: PktSegment, sent: SentSegment): boolean =>
  [...'SFR'].some((letter) => expected.flags.includes(letter) !== sent.flags.includes(letter));

const otherSegment = (expected: PktSegment, sent: SentSegment, numbers: Numbers): string | undefined => {
  const seq = seqOf(sent, numbers);
  const ack = ackOf(sent, numbers);
  if (inOrder(expected.flags) !== inOrder(sent.flags))
    return `the flags are ${sent.flags || '-'} and not ${expected.flags || '-'}`;
  if (expected.seq !== seq) return `the sequence number is ${seq} and not ${expected.seq}`;
  if (expected.length !== sent.length) return `the payload is ${sent.length} bytes and not ${expected.length}`;
  if (expected.ack !== ack) return `the ack number is ${ack} and not ${expected.ack}`;
  return undefined;
};

/** The segment as the script would write it. */
export const wordsOf = (sent: SentSegment, numbers: Numbers): string => {
  const segment = notation({ ...sent, seq: seqOf(sent, numbers), ack: ackOf(sent, numbers) });
  const options = sent.optionList ? listWords(sent.optionList, numbers) : summaryWords(sent.options, numbers);
  return `${segment} win ${sent.window}${options ? ` <${options}>` : ''}`;
};

const seqOf = ({ flags, seq }: SentSegment, { local }: Numbers) => (seq + (flags.includes('S') ? local : 0)) >>> 0;
const ackOf = ({ flags, ack }: SentSegment, { remote }: Numbers) =>
  flags.includes('.') ? (ack + (flags.includes('S') ? remote : 0)) >>> 0 : 0;
const inOrder = (flags: string) => [...'FSRP.UEW'].filter((letter) => flags.includes(letter)).join('');

const differentOptions = (expected: TcpOption[], sent: SentSegment, numbers: Numbers): string | undefined => {
  const wanted = listWords(expected, numbers, true);
  const found = sent.optionList ? listWords(sent.optionList, numbers, false, true) : undefined;
  if (found !== undefined)
    return wanted === found
      ? undefined
      : `the options are <${listWords(sent.optionList ?? [], numbers)}> and not <${listWords(expected, numbers, true)}>`;
  const summary = summaryWords(summarizeOptions(expected), numbers, true);
  const actual = summaryWords(sent.options, numbers);
  return withoutTimes(summary) === withoutTimes(actual)
    ? undefined
    : `the options are <${actual}> and not <${summary}>`;
};

/**
 * The options as packetdrill writes them. In what a script expects, SACK blocks are relative already. Timestamps are
 * not compared.
 */
const listWords = (
  options: readonly TcpOption[],
  { remoteIsn }: Numbers,
  isRelative = false,
  hideTimes = isRelative,
): string =>
  options
    .map((option) => {
      if (option.name === 'mss') return `mss ${option.value}`;
      if (option.name === 'windowScale') return `wscale ${option.shift}`;
      if (option.name === 'sackPermitted') return 'sackOK';
      if (option.name === 'timestamps') return hideTimes ? 'TS' : `TS val ${option.value} ecr ${option.echo}`;
      if (option.name === 'sack') return `sack ${blockWords(option.blocks, isRelative ? 0 : remoteIsn)}`;
      if (option.name === 'raw') return 'eol';
      return option.name === 'other' ? `option ${option.kind}` : option.name;
    })
    .join(',');

const summaryWords = (
  { mss, sackPermitted, timestamps, windowScale, sack, other }: TcpOptions,
  { remoteIsn }: Numbers,
  isRelative = false,
): string =>
  [
    mss === undefined ? '' : `mss ${mss}`,
    sackPermitted ? 'sackOK' : '',
    timestamps ? `TS val ${timestamps.value} ecr ${timestamps.echo}` : '',
    windowScale === undefined ? '' : `wscale ${windowScale}`,
    sack ? `sack ${blockWords(sack, isRelative ? 0 : remoteIsn)}` : '',
    ...(other ?? []).map((kind) => `option ${kind}`),
  ]
    .filter(Boolean)
    .join(',');

const blockWords = (blocks: readonly (readonly [number, number])[], from: number) =>
  blocks.map(([left, right]) => `${sequenceDistance(from, left)}:${sequenceDistance(from, right)}`).join(' ');

const withoutTimes = (words: string) => words.replace(/TS val \d+ ecr \d+/, 'TS');
