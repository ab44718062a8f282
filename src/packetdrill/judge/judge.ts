// Whether the kernel did what a script says, from the record alone: the script is played once more over the timeline,
// with the times tcpdump stamped on the segments and the processes on their calls. Pure.
import type { Check } from '../../verdict/check.ts';
import { holds } from '../../verdict/checks/checks.ts';
import type { View } from '../../verdict/view/view.ts';
import { parseScript } from '../notation/parse.ts';
import type { PktLine, PktScript } from '../notation/script.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { happening, noteReturn, settleCalls } from './judge-calls.ts';
import type { Problem, State } from './judge-state.ts';
import { createSchedule, dueWords, secondsOf } from './schedule.ts';
import { notSet } from './settings-note.ts';

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
