// Which step and which stage of the script a moment belongs to.
import type { ApiRecord } from '../record/api-records.ts';
import { lastAtOrBefore } from './search.ts';

export type Moments = {
  /** The latest step begun by then, counted from 1; 0 is the set-up. Time is CLOCK_MONOTONIC, nanoseconds. */
  stepAt(t: number): number;
  /** The innermost stage begun and not ended by then. */
  stageAt(t: number): string | undefined;
};

export const findMoments = (api: ApiRecord[]): Moments => {
  const steps = api.filter((record) => record.type === 'step').toSorted((a, b) => a.t - b.t);
  const edges = stageEdges(api);
  return {
    stepAt: (t) => lastAtOrBefore(steps, t, time)?.step ?? 0,
    stageAt: (t) => lastAtOrBefore(edges, t, time)?.stage,
  };
};

const time = ({ t }: { t: number }) => t;

/** From each of these moments on the given stage is the innermost. An `end` belongs to its stage still. */
const stageEdges = (api: ApiRecord[]) => {
  const edges: { t: number; stage: string | undefined }[] = [];
  const open: string[] = [];
  for (const record of api.filter(({ type }) => type === 'stage').toSorted((a, b) => a.t - b.t)) {
    if (record.type !== 'stage' || record.edge === 'note') continue;
    if (record.edge === 'begin') open.push(record.text);
    else if (open.includes(record.text)) open.splice(open.lastIndexOf(record.text), 1);
    edges.push({ t: record.edge === 'begin' ? record.t : record.t + 1, stage: open.at(-1) });
  }
  return edges;
};
