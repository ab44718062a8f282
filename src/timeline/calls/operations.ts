// What the script did to the wire, as events.
import type { WireRecord } from '../../record/wire-records.ts';
import { type Draft, noId } from '../draft.ts';
import type { Evidence } from '../evidence.ts';
import type { Moments } from '../moments.ts';
import type { Clock } from '../reading/clock.ts';
import type { Timeline, WireEvent } from '../schema.ts';

/** An event for each operation, by the operation's number. */
export const makeOperations = (
  records: WireRecord[],
  clock: Clock,
  moments: Moments,
): Map<number, Draft<WireEvent>> => {
  const operations = new Map<number, Draft<WireEvent>>();
  for (const record of records) {
    if (record.type !== 'operation') continue;
    const { t, operation, name, args, source, step = moments.stepAt(t) } = record;
    const stage = moments.stageAt(t);
    const event: WireEvent = { id: noId, at: clock.fromMonotonic(t), step, kind: 'wire', operation: name, args };
    if (stage !== undefined) event.stage = stage;
    if (source) event.source = source;
    operations.set(operation, { event });
  }
  return operations;
};

/** In which mode segments were passed on; where there were none, in which they would have been. */
export const wireModeOf = ({ plan, wire }: Evidence): Timeline['wireMode'] => {
  const used = new Set<Timeline['wireMode']>();
  let mode = plan.wireMode ?? 'lockstep';
  for (const record of wire) {
    if (record.type === 'operation' && (record.name === 'freeRun' || record.name === 'lockstep')) mode = record.name;
    if (record.type === 'deliver') used.add(mode);
  }
  if (used.size > 1) return 'mixed';
  return [...used][0] ?? mode;
};
