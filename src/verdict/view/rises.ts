// What the kernel counted on a host in a part of a run. A rise lies between two readings: one that reaches over an edge
// of the part may have been on either side of it.

import type { HostName } from '../../record/hosts.ts';
import { meaningOf } from '../../timeline/reading/counter-names.ts';
import type { CounterEvent } from '../../timeline/schema.ts';
import { type Observation, observed, unobserved } from './observation.ts';
import type { Part } from './part.ts';
import { seconds } from './seconds.ts';

/**
 * The rises of a counter, or of all that have a meaning. Unobserved for one nobody follows, and where it cannot be told
 * whether it was in the part.
 */
export const risesOf = (part: Part, host: HostName, name?: string): Observation<CounterEvent[]> => {
  if (name !== undefined && !meaningOf(name)) return unobserved(`nobody follows the counter ${name}`);
  part.ofKind('counter', host);
  const all = part.timeline.events.filter(
    (event): event is CounterEvent =>
      event.kind === 'counter' && event.host === host && (name === undefined || event.name === name),
  );
  const { from, to } = part;
  const [first, last] = stageSamples(part, host);
  const own = all.filter(({ before, after }) => after !== first && before !== last);
  const reaching = own.find(({ between: [begin, end] }) => (begin < from && end > from) || (begin < to && end > to));
  if (reaching)
    return unobserved(
      `${reaching.name} of the ${host} rose between ${reaching.between.map(seconds).join(' and ')}, perhaps outside of this part`,
    );
  return observed(own.filter(({ between: [begin, end] }) => begin >= from && end <= to));
};

/**
 * A stage begins and ends with a sample of its own, and the script does nothing between that and the edge: what those
 * bound lies outside.
 */
const stageSamples = (part: Part, host: HostName): [string | null, string | null] => {
  const samples = part.samples(host);
  const [first, last] = [samples[0], samples.at(-1)];
  return [
    first?.reason.startsWith('begin of stage ') ? first.id : null,
    last?.reason.startsWith('end of stage ') ? last.id : null,
  ];
};
