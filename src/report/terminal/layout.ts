// How wide each lane is: as wide as what stands in it, less where the screen is narrower than that, and the wire takes
// what is left over.

import { type Cell, isWire, type Lane, laneTitles, onWire, type Row } from '../rows/row.ts';
import { columns } from '../words/text.ts';
import { arrowWidth, barestArrowWidth } from './arrow.ts';

/** Of each lane that is drawn. */
export type Widths = Record<Lane, number>;

const widestWire = 54;
const wires: Lane[] = ['wire', 'upstream'];
/** That of a proxy is of calls as well. */
const calls: Lane[] = ['clientCalls', 'proxy', 'serverCalls'];
/** In this order lanes give way, each no further than this; what no longer fits goes on a line of its own beneath. */
const concessions: { gives: Lane[]; floor: number }[] = [
  { gives: wires, floor: 44 },
  { gives: calls, floor: 22 },
  { gives: wires, floor: 40 },
  { gives: calls, floor: 18 },
  { gives: wires, floor: 36 },
  { gives: calls, floor: 16 },
  { gives: wires, floor: 30 },
  { gives: ['clientState', 'serverState'], floor: 12 },
  { gives: wires, floor: 24 },
  { gives: calls, floor: 12 },
];

/** Where there are two, each is as wide as its segments need, and what the proxy does is not squeezed. */
const narrowWires = { gives: wires, floor: 28 };

/** Share `available` columns among lanes; undefined when they are too few. */
export const layOut = (rows: Row[], lanes: readonly Lane[], available: number): Widths | undefined => {
  const widths = Object.fromEntries(lanes.map((lane) => [lane, natural(lane, rows)])) as Widths;
  const excess = () => lanes.reduce((sum, lane) => sum + widths[lane], 0) - available;
  // Sequence numbers are never cut short while another lane can still give way.
  const barest = Math.min(40, largest(rows.map(onWire).map((cell) => (cell ? barestArrowWidth(cell) : 0))));
  for (const { gives, floor } of lanes.includes('proxy') ? [narrowWires, ...concessions] : concessions) {
    while (excess() > 0) {
      const widest = gives.filter((lane) => lanes.includes(lane)).reduce((a, b) => (widths[b] > widths[a] ? b : a));
      if (widths[widest] <= (isWire(widest) ? Math.max(floor, barest) : floor)) break;
      widths[widest]--;
    }
  }
  if (excess() > 0) return undefined;
  for (const lane of wires.filter((one) => lanes.includes(one)))
    widths[lane] = Math.max(widths[lane], Math.min(widestWire, widths[lane] - excess()));
  return widths;
};

const natural = (lane: Lane, rows: Row[]): number => {
  const cells = rows.flatMap(({ cells: { [lane]: cell } }) => cell ?? []);
  const width = isWire(lane) ? arrowWidth : calls.includes(lane) ? callWidth : stateWidth;
  return largest([columns(laneTitles[lane]), isWire(lane) ? 34 : 0, ...cells.map(width)]);
};

const callWidth = ({ text }: Cell): number => Math.min(columns(text), 40);
/** Room for the time spent in a state beside its name; why it ended may stand beneath. */
const stateWidth = ({ text, notes: [first = ''] }: Cell): number =>
  Math.min(18, columns(text) + (first ? columns(first) + 1 : 0));

const largest = (numbers: number[]): number => numbers.reduce((most, number) => Math.max(most, number), 0);
