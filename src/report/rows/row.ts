// A row of the report: one moment over five lanes.
import type { TimelineEvent } from '../../timeline/schema.ts';
import type { Style } from '../words/styles.ts';

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

/** What stands in one lane of a row. */
export type Cell = {
  text: string;
  style: Style;
  /** Stands behind the text where there is room, else beneath it. */
  notes: string[];
  arrow?: Arrow;
  /** The events it stands for. */
  ids?: string[];
  /** Lines the text may take; what a program prints can be of any length. */
  most?: number;
};

/** A segment's way over its lane. `whole` from end to end; the others begin or end on the wire. */
export type Arrow = { towards: 'right' | 'left'; part: 'whole' | 'lost' | 'stopped' | 'resumed' | 'made' };
