// How wide each lane is: as wide as what stands in it, less where the screen is narrower than that, and the wire takes
// what is left over.

import type { Cell } from '../rows/row.ts';
import { type Lane, lanes, type Row } from '../rows/row.ts';
import { columns } from '../words/text.ts';
import { arrowWidth, barestArrowWidth } from './arrow.ts';

export type Widths = Record<Lane, number>;

export const laneTitles: Record<Lane, string> = {
  clientCalls: 'client calls',
  clientState: 'client state',
  wire: 'wire',
  serverState: 'server state',
  serverCalls: 'server calls',
};

const widestWire = 54;
const isCalls = (lane: Lane) => lane === 'clientCalls' || lane === 'serverCalls';
/** In this order lanes give way, each no further than this; what no longer fits goes on a line of its own beneath. */
const concessions: { gives: Lane[]; floor: number }[] = [
  { gives: ['wire'], floor: 44 },
  { gives: ['clientCalls', 'serverCalls'], floor: 22 },
  { gives: ['wire'], floor: 40 },
  { gives: ['clientCalls', 'serverCalls'], floor: 18 },
  { gives: ['wire'], floor: 36 },
  { gives: ['clientCalls', 'serverCalls'], floor: 16 },
  { gives: ['wire'], floor: 30 },
  { gives: ['clientState', 'serverState'], floor: 12 },
  { gives: ['wire'], floor: 24 },
  { gives: ['clientCalls', 'serverCalls'], floor: 12 },
];

/** Share `available` columns among the lanes; undefined when they are too few. */
export const layOut = (rows: Row[], available: number): Widths | undefined => {
  const widths = Object.fromEntries(lanes.map((lane) => [lane, natural(lane, rows)])) as Widths;
  const excess = () => lanes.reduce((sum, lane) => sum + widths[lane], 0) - available;
  // Sequence numbers are never cut short while another lane can still give way.
  const barest = Math.min(40, largest(rows.map(({ cells: { wire } }) => (wire ? barestArrowWidth(wire) : 0))));
  for (const { gives, floor } of concessions) {
    while (excess() > 0) {
      const widest = gives.reduce((a, b) => (widths[b] > widths[a] ? b : a));
      if (widths[widest] <= (widest === 'wire' ? Math.max(floor, barest) : floor)) break;
      widths[widest]--;
    }
  }
  if (excess() > 0) return undefined;
  widths.wire = Math.max(widths.wire, Math.min(widestWire, widths.wire - excess()));
  return widths;
};

const natural = (lane: Lane, rows: Row[]): number => {
  const cells = rows.flatMap(({ cells: { [lane]: cell } }) => cell ?? []);
  const width = lane === 'wire' ? arrowWidth : isCalls(lane) ? callWidth : stateWidth;
  return largest([columns(laneTitles[lane]), lane === 'wire' ? 34 : 0, ...cells.map(width)]);
};

const callWidth = ({ text }: Cell): number => Math.min(columns(text), 40);
/** Room for the time spent in a state beside its name; why it ended may stand beneath. */
const stateWidth = ({ text, notes: [first = ''] }: Cell): number =>
  Math.min(18, columns(text) + (first ? columns(first) + 1 : 0));

const largest = (numbers: number[]): number => numbers.reduce((most, number) => Math.max(most, number), 0);
