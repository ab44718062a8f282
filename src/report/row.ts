// A row of the report: one moment over five lanes.
import type { TimelineEvent } from '../timeline/schema.ts';
import type { Cell } from './cells.ts';
import type { Style } from './paint.ts';

export const lanes = ['clientCalls', 'clientState', 'wire', 'serverState', 'serverCalls'] as const;
export type Lane = (typeof lanes)[number];

export type Row = {
  /** Nanoseconds since the start of the run. */
  at: number;
  step: number;
  events: TimelineEvent[];
  connection?: number;
  cells: Partial<Record<Lane, Cell>>;
  /** Instead of cells: words across all lanes. */
  across?: { text: string; style: Style; line: 'wire' | 'stage' | 'none' };
};
