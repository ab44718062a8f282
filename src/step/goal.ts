// How far a run goes by itself while it is stepped, what is held for a key to decide, and both in words.
import type { Source } from '../record/source.ts';
import type { Waiting } from '../wire/gate.ts';
import type { StepView } from './screen/view.ts';
import { sourceLine } from './source-line.ts';
import type { Target, watchFor } from './target.ts';

/** How far the run goes by itself. */
export type Goal =
  | { to: 'segment' | 'call' | 'end' }
  | { to: 'state'; target: Target; watch: ReturnType<typeof watchFor>; hasCome: boolean };
/** What a key is to decide. `since`: by performance.now(), milliseconds. */
export type Held =
  | { kind: 'segment'; waiting: Waiting; since: number }
  | { kind: 'call'; what: string; source?: Source; since: number };

export const heldView = (held: Held): StepView['held'] => {
  const waited = performance.now() - held.since;
  if (held.kind === 'call') return { kind: 'call', what: held.what, ...sourceLine(held.source) };
  const { segment, rule } = held.waiting;
  const { frame, from, to, text, flags, length, sourcePort, destinationPort } = segment;
  return { kind: 'segment', frame, from, to, text, flags, length, sourcePort, destinationPort, rule, waited };
};

export const goalWords = (goal: Goal): string => {
  if (goal.to === 'state')
    return goal.hasCome ? `${targetWords(goal.target)} has come` : `running to ${targetWords(goal.target)}`;
  return goal.to === 'call' ? 'running to the next call' : 'running to the end';
};

export const targetWords = ({ state, host }: Target): string => (host ? `${state} on the ${host}` : state);
