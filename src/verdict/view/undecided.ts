// Events as predicates are given them: what the record does not decide about a cause cannot be read as if it were a fact.
import type { TimelineEvent } from '../../timeline/schema.ts';
import { Unobserved } from './observation.ts';

/**
 * The event, whose cause throws Unobserved when it is read and nothing tells what it was; so does the timer of one of
 * which only that it was a timer's is known.
 */
export const withDecidedCause = <E extends TimelineEvent>(event: E): E => {
  const { cause } = event;
  if (cause?.kind !== 'unknown' && !(cause?.kind === 'timer' && undecided.has(cause.timer))) return event;
  const known = guarded.get(event) as E | undefined;
  if (known) return known;
  const copy =
    cause.kind === 'unknown'
      ? refusing(event, 'cause', `what caused ${event.id} is not known`)
      : { ...event, cause: refusing(cause, 'timer', `which timer sent ${event.id} is not known`) };
  guarded.set(event, copy);
  return copy;
};
const undecided: ReadonlySet<string> = new Set(['retransmission', 'fast-retransmission']);
const guarded = new WeakMap<TimelineEvent, TimelineEvent>();

/** Not enumerable: a copy of the whole asks for nothing. */
const refusing = <T extends object>(object: T, key: keyof T, reason: string): T =>
  Object.defineProperty({ ...object }, key, {
    enumerable: false,
    get: () => {
      throw new Unobserved(reason);
    },
  });
