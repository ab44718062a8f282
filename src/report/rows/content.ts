// What a moment puts into a row: a cell of one lane, or words across all of them.
import type { StageEvent } from '../../timeline/schema.ts';
import type { Glyphs } from '../words/glyphs.ts';
import type { Moment } from '../words/moments.ts';
import { visible } from '../words/text.ts';
import { wireWords } from '../words/words.ts';
import { callCell, counterCell, emitCell, outputCell, processCell, segmentCell, stateCell } from './cells.ts';
import { type Cell, callsLane, type Lane, type Row, stateLane, wireLane } from './row.ts';

export type Content = { lane: Lane; cell: Cell } | { across: NonNullable<Row['across']> };
/** `ids` gives the segment event of each frame. */
type Wording = { isFull: boolean; glyphs: Glyphs; ids: Map<unknown, string> };

export const contentOf = (moment: Moment, { isFull, glyphs, ids }: Wording): Content => {
  const { event, part } = moment;
  switch (event.kind) {
    case 'call':
      return { lane: callsLane[event.host], cell: callCell(event, part, glyphs) };
    case 'emit':
      return { lane: callsLane[event.host], cell: emitCell(event) };
    case 'process':
      return { lane: callsLane[event.host], cell: processCell(event) };
    case 'output':
      return { lane: callsLane[event.host], cell: outputCell(event) };
    case 'counter':
      return { lane: callsLane[event.host], cell: counterCell(event) };
    case 'state':
      return { lane: stateLane[event.host], cell: stateCell(event) };
    case 'segment':
      return { lane: wireLane(event), cell: segmentCell(event, moment, isFull) };
    case 'wire':
      return { across: { text: `wire: ${wireWords(event, ids)}`, style: 'wire', line: 'wire' } };
    case 'stage':
      return { across: stageLine(event) };
  }
};

const stageLine = ({ edge, text }: StageEvent): NonNullable<Row['across']> =>
  edge === 'begin'
    ? { text: visible(text), style: 'stage', line: 'stage' }
    : { text: `${visible(text)}${edge === 'end' ? ' ends' : ''}`, style: 'note', line: 'none' };
