// A segment drawn over the wire's lane. Its label stands at the sender's end, so that the direction shows before the
// arrow head is read: F. 1:1(0) ack 1 ────────────►      ◄──────────── . 1:1(0) ack 2      S 0:0(0) ──────✗ lost

import type { Arrow, Cell } from '../rows/row.ts';
import type { Glyphs } from '../words/glyphs.ts';
import type { Paint } from '../words/paint.ts';
import { columns, cut, fill, fillLeft, wrap } from '../words/text.ts';

/** The shortest line that still looks like an arrow. */
const shortest = 2;

/** Columns a segment needs to be drawn with its notes beside it. */
export const arrowWidth = ({ text, notes }: Cell): number => columns([text, ...notes].join(' - ')) + shortest + 6;

/** Columns it needs when its notes stand beneath it. */
export const barestArrowWidth = ({ text }: Cell): number => columns(text) + shortest + 4;

/** Draw a segment in `width` columns; notes that do not fit beside the label stand beneath it. */
export const drawArrow = (cell: Cell & { arrow: Arrow }, width: number, glyphs: Glyphs, paint: Paint): string[] => {
  const { text, notes, arrow } = cell;
  const separator = ` ${glyphs.between} `;
  // What became of it stands where it ended, the rest beside the label.
  const endsOnWire = arrow.part === 'lost' || arrow.part === 'stopped';
  const fate = endsOnWire ? (notes.at(-1) ?? '') : '';
  const beside = (endsOnWire ? notes.slice(0, -1) : notes).map((note) => separator + note).join('');
  const room = width - shortest - 2 - (arrow.part === 'whole' ? 0 : 2);
  if (columns(text + beside) + (fate ? columns(fate) + 1 : 0) <= room)
    return [drawLine(cell, { text, beside, fate }, width, glyphs, paint)];

  const line = drawLine(cell, { text: cut(text, room, glyphs.cut), beside: '', fate: '' }, width, glyphs, paint);
  const beneath = wrap(notes.join(separator), width - 2).map(
    (words, nth) => `${nth === 0 ? glyphs.note : ' '} ${words}`,
  );
  return [
    line,
    ...beneath.map((words) => paint('note', arrow.towards === 'right' ? fill(words, width) : fillLeft(words, width))),
  ];
};

type Words = { text: string; beside: string; fate: string };

const drawLine = (
  { style, arrow }: Cell & { arrow: Arrow },
  { text, beside, fate }: Words,
  width: number,
  glyphs: Glyphs,
  paint: Paint,
): string => {
  const isRight = arrow.towards === 'right';
  const order = (parts: string[]) => (isRight ? parts : parts.reverse()).join('');
  const shaft = (length: number) => paint(style, glyphs.line.repeat(Math.max(1, length)));
  const label = paint(style, text) + paint('note', beside);
  const used = columns(text + beside) + 1;
  const head = paint(style, isRight ? glyphs.headRight : glyphs.headLeft);

  if (arrow.part === 'whole') return order([label, ' ', shaft(width - used - 1), head]);
  if (arrow.part === 'made' || arrow.part === 'resumed') {
    const begin =
      arrow.part === 'made' ? paint('wire', glyphs.made) : paint(style, isRight ? glyphs.stopLeft : glyphs.stopRight);
    const lead = Math.max(0, Math.min(width - used - shortest - 3, Math.floor(width * 0.3)));
    return order([' '.repeat(lead), begin, ' ', label, ' ', shaft(width - lead - used - 3), head]);
  }
  const length = Math.max(shortest, Math.min(width - used - columns(fate) - 2, Math.floor(width * 0.7) - used));
  const isLost = arrow.part === 'lost';
  const stop = isLost ? paint('lost', glyphs.lost) : paint(style, isRight ? glyphs.stopRight : glyphs.stopLeft);
  const drawn = order([label, ' ', shaft(length), stop, ...(fate ? [' ', paint(isLost ? 'lost' : 'note', fate)] : [])]);
  return isRight ? fill(drawn, width) : fillLeft(drawn, width);
};
