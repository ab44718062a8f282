// What finwait says when its own conclusions about a run cannot all be true: then the fault is its own, whatever the
// verdicts are.
import { violations } from '../../timeline/invariants/invariants.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { describeEvent } from './one-line.ts';

/**
 * A sentence for the conclusions that contradict each other; undefined where none do. Damaged evidence may contradict itself:
 * where a witness was blind nothing is finwait's fault.
 */
export const contradictions = (timeline: Timeline): string | undefined => {
  const found = timeline.gaps.length > 0 ? [] : violations(timeline);
  const [first] = found;
  if (!first) return undefined;
  const words = (id: string) => {
    const event = timeline.events.find((one) => one.id === id);
    return event ? describeEvent(event) : id;
  };
  const others = found.length > 1 ? ` So do ${found.length - 1} more.` : '';
  return `This is a fault of finwait: its conclusions about the run contradict themselves at "${words(first.event)}": ${first.what}${
    first.cause ? ` "${words(first.cause)}"` : ''
  }.${others} Please report it with the run's folder; do not rely on the causes of this run.`;
};
