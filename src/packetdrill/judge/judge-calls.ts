// Judges the calls of a script: when they were made, what they gave back.
import { fieldIn, numberIn, textIn } from '../../record/fields.ts';
import type { CallEvent } from '../../timeline/schema.ts';
import { evaluate, valuesIn } from '../notation/asserts.ts';
import type { PktLine, PktScript } from '../notation/script.ts';
import { decodeTcpInfo } from '../notation/tcp-info.ts';
import type { Evidence } from './evidence.ts';
import { inbound, outbound } from './judge-segments.ts';
import type { CallLine, Happening, Problem, State } from './judge-state.ts';
import { wrongResult } from './results.ts';
import { type Due, dueWords, secondsOf } from './schedule.ts';

/** What the record shows of a line; nothing when the line was never played. */
export const happening = (
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
  const given = numberIn(value, 'bytes') ?? numberIn(value, 'ready');
  return { value: given, errno, text: textIn(value, 'text'), option: fieldIn(value, 'revents') };
};

export const noteReturn = (line: CallLine, due: Due, state: State, event: CallEvent) => {
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
export const settleCalls = (
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
