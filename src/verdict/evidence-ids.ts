// The evidence a case names, checked when it is judged: the compiler sees neither a cast nor a script in JavaScript.
import type { Timeline } from '../timeline/schema.ts';
import { evidenceId } from './schema.ts';

/** The ids that stand in the record, and whatever else was given as evidence. */
export const evidenceIn = (given: readonly unknown[], timeline: Timeline): { known: string[]; strange: unknown[] } => {
  const ids = idsOf(timeline);
  const known: string[] = [];
  const strange: unknown[] = [];
  for (const one of given) {
    const id = evidenceId.safeParse(one).data;
    if (id !== undefined && ids.has(id)) known.push(id);
    else strange.push(one);
  }
  return { known, strange };
};

const idsOf = (timeline: Timeline): Set<string> => {
  const known = ids.get(timeline);
  if (known) return known;
  const made = new Set([...timeline.events, ...timeline.samples, ...timeline.destroyed].map(({ id }) => id));
  ids.set(timeline, made);
  return made;
};
const ids = new WeakMap<Timeline, Set<string>>();
