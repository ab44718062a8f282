// Judges the segments of a script: those to the kernel, and those it is to send.
import { sequenceAdd } from '../../packet/sequence.ts';
import type { SegmentEvent } from '../../timeline/schema.ts';
import type { PktLine, PktScript } from '../notation/script.ts';
import { continues, difference, isOtherKind, merge, wordsOf } from './compare.ts';
import type { Evidence } from './evidence.ts';
import type { Happening, Problem, State } from './judge-state.ts';
import { type Due, dueWords } from './schedule.ts';

export const inbound = (
  { line, segment: { flags, seq } }: Extract<PktLine, { action: 'inbound' }>,
  state: State,
  { injected }: Evidence,
): Happening | undefined => {
  const event = injected.get(line);
  if (!event) return undefined;
  state.connection = event.connection;
  state.numbers.remoteIsn = sequenceAdd(event.absolute.seq, -event.seq);
  if (flags.includes('S')) state.numbers.remote = seq;
  const at = event.receivedAt ?? event.at;
  return { begun: at, ended: at, evidence: [event] };
};

export const outbound = (
  line: Extract<PktLine, { action: 'outbound' }>,
  due: Due,
  state: State,
  { notes }: Evidence,
  { file, options }: PktScript,
): Happening | { problem: Problem } | undefined => {
  const { segment: expected } = line;
  const { numbers } = state;
  if (expected.flags.includes('S')) numbers.local = expected.seq;
  const sent: SegmentEvent[] = [];
  do {
    const segment = nextSent(state);
    if (!segment || (sent.length > 0 && !continues(sent, segment))) {
      const actual =
        sent.length > 0
          ? `${wordsOf(merge(sent), numbers)}${segment ? `, and then ${wordsOf(segment, numbers)}` : ' and no more'}`
          : 'no segment came';
      return notes.some(({ text }) => text.startsWith(`${file}:`))
        ? { problem: { expected: `${line.text} ${dueWords(due)}`, actual, evidence: sent } }
        : undefined;
    }
    sent.push(segment);
  } while (!options.strictSegments && merge(sent).length < expected.length && sent.at(-1)?.length !== 0);
  const whole = merge(sent);
  const differs = difference(expected, whole, numbers);
  if (differs)
    return {
      problem: {
        expected: line.text,
        actual: `${wordsOf(whole, numbers)}: ${differs.words}`,
        evidence: sent,
        ...(differs.fixed && { fixed: true }),
        // A probe bears no flag of the segment that was due, and a repetition those of an earlier one.
        ...(isOtherKind(expected, whole) && sent.every(({ role }) => role === undefined) && { otherKind: true }),
      },
    };
  const at = sent[0]?.sentAt ?? sent[0]?.at ?? 0;
  return { begun: at, ended: at, evidence: sent };
};

/** The next segment of the script's connection, which a SYN of the kernel's may open. */
const nextSent = (state: State): SegmentEvent | undefined => {
  for (let segment = state.queue.shift(); segment; segment = state.queue.shift()) {
    if (state.isConnecting && segment.flags === 'S' && segment.connection !== state.connection) {
      state.connection = segment.connection;
      state.isConnecting = false;
    }
    if (segment.connection === state.connection) return segment;
  }
  return undefined;
};
