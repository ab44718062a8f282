// A question takes what it takes. One more argument would narrow nothing, a host that is not there has nothing, and a
// part that begins with an event nobody found would be the whole run: each would be answered, and wrongly.

import type { Timeline } from '../../timeline/schema.ts';
import { namesKnown } from './names.ts';
import { type Observation, observed, unobserved, unwrap } from './observation.ts';

type Question = (...given: unknown[]) => unknown;

/**
 * The view, each question of which is refused where it is asked otherwise than it can be. `ofHost`: those asked of a
 * host, which is one of `ends` where the view is of a connection.
 */
export const exactly = <V extends object>(
  view: V,
  timeline: Timeline,
  ofHost: readonly (keyof V & string)[] = [],
  ends?: readonly string[],
): V => {
  const hostly: ReadonlySet<string> = new Set(ofHost);
  const askable = (name: string, given: unknown[], taken: number): Observation<undefined> => {
    if (given.length > taken)
      return unobserved(`${name}() takes ${taken} ${taken === 1 ? 'argument' : 'arguments'}, not ${given.length}`);
    if (name === 'between' && given.at(-1) === undefined)
      return unobserved('between() was given an event that is not there: the record has no such part of the run');
    if (!hostly.has(name)) return observed(undefined);
    const host = String(given[0]);
    const known = namesKnown({ host }, timeline);
    return !known.observed || ends === undefined || ends.includes(host)
      ? known
      : unobserved(`the connection has no end at the ${host}: it is between ${ends.join(' and ')}`);
  };
  const exact = Object.entries(Object.getOwnPropertyDescriptors(view)).map(([name, property]) => {
    const question = property.value as Question | undefined;
    if (typeof question !== 'function') return [name, property];
    const value: Question = (...given) => {
      unwrap(askable(name, given, question.length));
      return question(...given);
    };
    return [name, { ...property, value }];
  });
  return Object.defineProperties({}, Object.fromEntries(exact)) as V;
};
