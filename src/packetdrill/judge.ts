// Whether the kernel did what a script says, from the record alone: the script is played once more over the timeline, with the times tcpdump
// stamped on the segments and the processes on their calls. Pure.

import { sequenceAdd } from '../packet/sequence.ts';
import type { CallEvent, SegmentEvent } from '../timeline/schema.ts';
import { type Check, holds } from '../verdict/checks.ts';
import type { View } from '../verdict/view.ts';
import { evaluate, valuesIn } from './asserts.ts';
import { continues, difference, merge, type Numbers, wordsOf } from './compare.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { parseScript } from './parse.ts';
import { wrongResult } from './results.ts';
import { createSchedule, type Due, dueWords, secondsOf } from './schedule.ts';
import type { PktLine, PktScript } from './script.ts';
import { decodeTcpInfo } from './tcp-info.ts';

/**
 * The case "the kernel does what the script says, line by line". It fails at the first line that is not as written. It is unknown when the
 * script was not played to that line, or when the tool itself was late before it: then the kernel was asked something else than is written.
 * `file` chooses among several scripts of the view.
 */
export const followsScript = (run: View, file?: string): Check => {
  const plays = run.operations('script');
  const play = plays.find(({ args }) => file === undefined || args.file === file);
  if (!play) throw new Error(`no script ${file ?? ''} was played in this part of the run`);
  const end = plays.find(({ at }) => at > play.at)?.at ?? Number.POSITIVE_INFINITY;
  const script = parseScript(String(play.args.text), String(play.args.file));
  return judge(script, evidenceOf(run, play, end), play.args.mode === 'lockstep');
};

/** `undecided`: nobody knows. `fixed`: no delay of the tool's can have caused it. */
type Problem = { expected: string; actual: string; evidence: { id: string }[]; undecided?: true; fixed?: true };
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
  blocking: { line: Extract<PktLine, { action: 'call' }>; due: Due; event: CallEvent; slip: number }[];
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
    const problem = judgeLine(line, state, evidence, script);
    if (problem) return conclude({ ...problem, line: line.line }, state, evidence, isLockstep);
  }
  const untimely = isLockstep ? undefined : wrongReturnTime(state);
  if (untimely) return conclude(untimely, state, evidence, isLockstep);
  const lines = script.lines.filter(({ action }) => action !== 'settings');
  const count = (action: PktLine['action']) => lines.filter((line) => line.action === action).length;
  const expected = `all ${lines.length} lines as written: ${count('call')} calls, ${count('inbound')} segments to the kernel, ${count('outbound')} from it`;
  const late =
    state.late && !isLockstep
      ? ` (the tool was up to ${secondsOf(state.late.by)} late, at line ${state.late.line})`
      : '';
  return holds(expected, `every line as written${late}`, true, state.shown);
};

/** Failed at a line; or unknown, when the line was never played or the tool itself was too late for the kernel to be blamed. */
const conclude = (
  problem: Problem & { line: number },
  { late, shown }: State,
  { play }: Evidence,
  isLockstep: boolean,
): Check => {
  const expected = `line ${problem.line}: ${problem.expected}`;
  const evidence = [...problem.evidence, ...shown.slice(-3), play];
  const isLate = late !== undefined && !isLockstep && !problem.fixed;
  if (!problem.undecided && !isLate) return holds(expected, problem.actual, false, evidence);
  const excuse = isLate
    ? `; but the tool itself was ${secondsOf(late.by)} late at line ${late.line}: run it again on a machine with less to do`
    : '';
  return { outcome: 'unknown', expected, actual: `${problem.actual}${excuse}`, evidence: evidence.map(({ id }) => id) };
};

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
  const { returned } = event;
  if (line.action === 'assert') return asserted(line, event);
  if (line.action !== 'call') return undefined;
  if (line.call.api === 'connect') state.isConnecting = true;
  if (!returned)
    return { problem: { expected: line.text, actual: 'it had not returned at the end', evidence: [event] } };
  const wrong = wrongResult(line.call, resultOf(event));
  if (wrong) return { problem: { expected: line.text, actual: wrong, evidence: [event] } };
  const ended = line.call.returnsAt === undefined ? returned.at : event.at;
  return { begun: event.at, ended, evidence: [event], event };
};

const resultOf = ({ api, returned }: CallEvent) => {
  const { value, errno } = returned ?? {};
  if (api === 'getsockopt') return { value: 0, errno, option: value };
  if (typeof value !== 'object' || value === null) return { value, errno };
  const { bytes, text } = value as { bytes?: number; text?: string };
  return { value: bytes, errno, text };
};

const noteReturn = (line: Extract<PktLine, { action: 'call' }>, due: Due, state: State, event: CallEvent) => {
  const { returnsAt } = line.call;
  if (returnsAt === undefined) return;
  state.blocking.push({
    line,
    due: state.schedule.returnDue(line, due, returnsAt),
    event,
    slip: state.schedule.slip(),
  });
};

/** The first blocking call that returned at another time than the script says. It may be as much later as the script's own lines came late since. */
const wrongReturnTime = ({ blocking, slips, zero = 0 }: State): (Problem & { line: number }) | undefined => {
  for (const { line, due, event, slip } of blocking) {
    const returnedAt = event.returned?.at ?? Number.POSITIVE_INFINITY;
    const lag = Math.max(0, (slips.findLast(({ at }) => at < returnedAt)?.slip ?? slip) - slip);
    const at = (returnedAt - zero) / 1e9;
    if (at >= due.earliest && at <= due.latest + lag) continue;
    return {
      line: line.line,
      expected: `${line.text}, returning ${dueWords(due)}`,
      actual: `it returned at ${secondsOf(at)}`,
      evidence: [event],
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
        fixed: differs.fixed,
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
