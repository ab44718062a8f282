// Whether the kernel did what a script says, from the record alone: the script is played once more over the timeline,
// with the times tcpdump stamped on the segments and the processes on their calls. Pure.

import { sequenceAdd } from '../packet/sequence.ts';
import type { CallEvent, SegmentEvent } from '../timeline/schema.ts';
import { type Check, holds } from '../verdict/checks.ts';
import type { View } from '../verdict/view.ts';
import { evaluate, valuesIn } from './asserts.ts';
import { continues, difference, isOtherKind, merge, type Numbers, wordsOf } from './compare.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { parseScript } from './parse.ts';
import { wrongResult } from './results.ts';
import { createSchedule, type Due, dueWords, secondsOf } from './schedule.ts';
import type { PktLine, PktScript } from './script.ts';
import { notSet } from './settings-note.ts';
import { decodeTcpInfo } from './tcp-info.ts';

/**
 * The case "the kernel does what the script says, line by line". It fails at the first line that is not as written. It
 * is unknown when the script was not played to that line, or when the tool itself was late before it: then the kernel
 * was asked something else than is written. `file` chooses among several scripts of the view. Where it is unknown, so
 * is what `all` puts together with it: what a script that broke off has not come to shows nothing.
 */
export const followsScript = (run: View, file?: string): Check => {
  const plays = run.operations('script');
  const play = plays.find(({ args }) => file === undefined || args.file === file);
  if (!play) throw new Error(`no script ${file ?? ''} was played in this part of the run`);
  const end = plays.find(({ at }) => at > play.at)?.at ?? Number.POSITIVE_INFINITY;
  const script = parseScript(String(play.args.text), String(play.args.file));
  return { ...judge(script, evidenceOf(run, play, end), play.args.mode === 'lockstep'), isGround: true };
};

type CallLine = Extract<PktLine, { action: 'call' }>;

/**
 * `undecided`: nobody knows. `fixed`: no delay of the tool's can have caused it. `otherKind`: none shorter than the
 * kernel's shortest.
 */
type Problem = {
  expected: string;
  actual: string;
  evidence: { id: string }[];
  undecided?: true;
  fixed?: true;
  otherKind?: true;
};
type State = {
  schedule: ReturnType<typeof createSchedule>;
  numbers: Numbers;
  queue: SegmentEvent[];
  connection?: number;
  isConnecting: boolean;
  isUnderWay: boolean;
  zero?: number;
  /** How far the script lagged behind its own times, at each line that is the tool's. */
  slips: { at: number; slip: number }[];
  /** Calls that block, with the time they were to return. */
  blocking: { line: CallLine; due: Due; event: CallEvent; slip: number }[];
  /** How far beyond its tolerance the tool was late, at worst, and where (seconds). */
  late?: { line: number; by: number };
  shown: { id: string }[];
};

const judge = (script: PktScript, evidence: Evidence, isLockstep: boolean): Check => {
  const state: State = {
    schedule: createSchedule(script.options),
    numbers: { local: 0, remote: 0, remoteIsn: 0 },
    queue: [...evidence.sent],
    isConnecting: false,
    isUnderWay: false,
    slips: [],
    blocking: [],
    shown: [],
  };
  for (const line of script.lines) {
    // A call waits for those that block (the real side makes one at a time): by now they have returned.
    const unsettled = line.action === 'call' ? settleCalls(state, isLockstep) : undefined;
    if (unsettled) return conclude(unsettled, state, evidence, isLockstep);
    const problem = judgeLine(line, state, evidence, script);
    if (problem) return conclude({ ...problem, line: line.line }, state, evidence, isLockstep);
  }
  const unsettled = settleCalls(state, isLockstep);
  if (unsettled) return conclude(unsettled, state, evidence, isLockstep);
  const lines = script.lines.filter(({ action }) => action !== 'settings');
  const count = (action: PktLine['action']) => lines.filter((line) => line.action === action).length;
  const expected = `all ${lines.length} lines as written: ${count('call')} calls, ${count('inbound')} segments to the kernel, ${count('outbound')} from it`;
  const late =
    state.late && !isLockstep
      ? ` (the tool was up to ${secondsOf(state.late.by)} late, at line ${state.late.line})`
      : '';
  return holds(expected, `every line as written${late}${settingsWords(evidence)}`, true, state.shown);
};

/** The settings of defaults.sh that this kernel refused: the script was judged without them. */
const settingsWords = ({ notes }: Evidence): string => {
  const refused = notes.flatMap(({ text }) => (text.startsWith(notSet) ? [text.slice(notSet.length)] : []));
  return refused.length > 0 ? `; defaults.sh could not set ${refused.join(', ')}` : '';
};

/** Failed at a line; or unknown, when the line was never played or the tool itself was too late for the kernel to be blamed. */
const conclude = (
  problem: Problem & { line: number },
  { late, shown }: State,
  record: Evidence,
  isLockstep: boolean,
): Check => {
  const expected = `line ${problem.line}: ${problem.expected}`;
  const evidence = [...problem.evidence, ...shown.slice(-3), record.play];
  const isCertain = problem.fixed || (problem.otherKind && (late?.by ?? 0) < shortestEnd);
  const isLate = late !== undefined && !isLockstep && !isCertain;
  const actual = `${problem.actual}${settingsWords(record)}`;
  if (!problem.undecided && !isLate) return holds(expected, actual, false, evidence);
  const excuse = isLate
    ? `; but the tool itself was ${secondsOf(late.by)} late at line ${late.line}: run it again on a machine with less to do`
    : '';
  return { outcome: 'unknown', expected, actual: `${actual}${excuse}`, evidence: evidence.map(({ id }) => id) };
};

/** No timer ends a connection earlier than TCP_RTO_MIN (include/net/tcp.h; seconds). */
const shortestEnd = 0.2;

const judgeLine = (line: PktLine, state: State, evidence: Evidence, script: PktScript): Problem | undefined => {
  if (line.action === 'settings') return stopNote(line, evidence, script, false);
  const due = state.schedule.due(line);
  const took = happening(line, due, state, evidence, script);
  if (!took) return stopNote(line, evidence, script, true);
  if ('problem' in took) return took.problem;
  // The frame itself says more than the timeline keeps of it: the order of its options.
  const noted = stopNote(line, evidence, script, false);
  if (noted) return { ...noted, evidence: [...took.evidence, ...noted.evidence] };
  state.shown.push(...took.evidence);
  state.zero ??= took.begun;
  const begun = (took.begun - state.zero) / 1e9;
  if (line.action === 'outbound' && (begun < due.earliest || begun > due.latest)) {
    return {
      expected: `${line.text} ${dueWords(due)}`,
      actual: `it was sent at ${secondsOf(begun)}`,
      evidence: took.evidence,
    };
  }
  const lateBy = begun - due.at;
  // Before the first segment nothing hurries.
  state.isUnderWay ||= line.action === 'inbound' || (line.action === 'call' && line.call.api === 'connect');
  const isTooLate = line.action !== 'outbound' && state.isUnderWay && lateBy > due.tolerance;
  if (isTooLate && lateBy > (state.late?.by ?? 0)) state.late = { line: line.line, by: lateBy };
  state.schedule.happened(line, due, begun, (took.ended - state.zero) / 1e9);
  if (line.action !== 'outbound') state.slips.push({ at: took.begun, slip: state.schedule.slip() });
  if (line.action === 'call' && took.event) noteReturn(line, due, state, took.event);
  return undefined;
};

type Happening = { begun: number; ended: number; evidence: { id: string }[]; event?: CallEvent };

/** What the record shows of a line; nothing when the line was never played. */
const happening = (
  line: PktLine,
  due: Due,
  state: State,
  evidence: Evidence,
  script: PktScript,
): Happening | { problem: Problem } | undefined => {
  if (line.action === 'inbound') return inbound(line, state, evidence);
  if (line.action === 'outbound') return outbound(line, due, state, evidence, script);
  const event = evidence.calls.get(line.line)?.at(-1);
  if (!event) return undefined;
  if (line.action === 'assert') return asserted(line, event);
  if (line.action !== 'call') return undefined;
  if (line.call.api === 'connect') state.isConnecting = true;
  // What a call that blocks came to is judged when the script waits for it: a line before that may say why it never returned.
  if (line.call.returnsAt !== undefined) return { begun: event.at, ended: event.at, evidence: [event], event };
  const actual = wrongReturn(line, event);
  if (actual) return { problem: { expected: line.text, actual, evidence: [event] } };
  return { begun: event.at, ended: event.returned?.at ?? event.at, evidence: [event], event };
};

const wrongReturn = ({ call }: CallLine, event: CallEvent): string | undefined =>
  event.returned ? wrongResult(call, resultOf(event)) : 'it had not returned at the end';

const resultOf = ({ api, returned }: CallEvent) => {
  const { value, errno, length } = returned ?? {};
  if (api === 'getsockopt') return { value: 0, errno, option: value, length };
  if (typeof value !== 'object' || value === null) return { value, errno };
  const { bytes, text, ready, revents } = value as {
    bytes?: number;
    text?: string;
    ready?: number;
    revents?: string[];
  };
  return { value: bytes ?? ready, errno, text, option: revents };
};

const noteReturn = (line: CallLine, due: Due, state: State, event: CallEvent) => {
  const { returnsAt } = line.call;
  if (returnsAt === undefined) return;
  state.blocking.push({
    line,
    due: state.schedule.returnDue(line, due, returnsAt),
    event,
    slip: state.schedule.slip(),
  });
};

/**
 * The first of the blocking calls under way that returned something else than the script says, or at another time; none
 * is under way any more. It may be as much later as the script's own lines came late since. In lockstep, where the
 * script pauses, the time says nothing.
 */
const settleCalls = (
  { blocking, slips, zero = 0 }: State,
  isLockstep: boolean,
): (Problem & { line: number }) | undefined => {
  for (const { line, due, event, slip } of blocking.splice(0)) {
    const wrong = wrongReturn(line, event);
    if (wrong) return { line: line.line, expected: line.text, actual: wrong, evidence: [event] };
    const returnedAt = event.returned?.at ?? Number.POSITIVE_INFINITY;
    const lag = Math.max(0, (slips.findLast(({ at }) => at < returnedAt)?.slip ?? slip) - slip);
    const at = (returnedAt - zero) / 1e9;
    if (isLockstep || (at >= due.earliest && at <= due.latest + lag)) continue;
    // It may have returned in time, and its process had no processor to say so.
    const waited = (event.returned?.waited ?? 0) / 1e9;
    const isOurs = at > due.latest + lag && at - waited <= due.latest + lag;
    return {
      line: line.line,
      expected: `${line.text}, returning ${dueWords(due)}`,
      actual: `it returned at ${secondsOf(at)}${isOurs ? `, and its process had waited ${secondsOf(waited)} for a processor` : ''}`,
      evidence: [event],
      ...(isOurs && { undecided: true }),
    };
  }
  return undefined;
};

const asserted = (
  { assertions }: Extract<PktLine, { action: 'assert' }>,
  event: CallEvent,
): Happening | { problem: Problem } => {
  const info = decodeTcpInfo(String(event.returned?.value ?? ''));
  for (const { text, condition } of assertions) {
    if (evaluate(condition, info) === 0)
      return { problem: { expected: text, actual: valuesIn(condition, info), evidence: [event] } };
  }
  return { begun: event.at, ended: event.returned?.at ?? event.at, evidence: [event] };
};

const inbound = (
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

const outbound = (
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

/** What the player noted where it stopped; without a note, a line that was never played leaves the script undecided. */
const stopNote = (
  { line, text }: PktLine,
  { notes, play }: Evidence,
  { file }: PktScript,
  isMissing: boolean,
): Problem | undefined => {
  const begin = `${file}:${line}: expected: `;
  const note = notes.find((one) => one.text.startsWith(begin));
  if (note) {
    const [expected = text, actual = 'something else'] = note.text.slice(begin.length).split(' actual: ');
    return { expected, actual, evidence: [note] };
  }
  return isMissing
    ? { expected: text, actual: 'the run ended before this line was played', evidence: [play], undecided: true }
    : undefined;
};
