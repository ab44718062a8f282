// What must be true of every timeline, whatever happened in the run. What is violated is a fault of finwait's own
// conclusions: a cause that is later than its effect, a socket that does something after its end, a cause that belongs
// to another socket.

import type { Timeline } from '../schema.ts';
import { indexRecord, type Violation } from './invariant-index.ts';
import { acrossStages, afterTheEnd, callLeftOut, causeOf, ownTimes } from './invariant-rules.ts';

/** Everything about a timeline that cannot be. Empty for a sound one. */
export const violations = (timeline: Timeline): Violation[] => {
  const record = indexRecord(timeline);
  return timeline.events.flatMap((event, index) => [
    ...ownTimes(event, record),
    ...causeOf(event, index, record),
    ...afterTheEnd(event, index, record),
    ...callLeftOut(event, record),
    ...acrossStages(event, record),
  ]);
};
