// Draws rows in lanes: client calls | client state | wire | server state | server calls, with a proxy and another wire in
// the midst where there is one.
import { hostsIn } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { type Cell, isWire, lanesOf, laneTitles, type Row, stateLane } from '../rows/row.ts';
import { type Glyphs, glyphsFor } from '../words/glyphs.ts';
import { type Paint, painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { columns, cut, fill, wrap, wrapCall } from '../words/text.ts';
import { drawArrow } from './arrow.ts';
import { layOut } from './layout.ts';
import { type Alive, followLifelines } from './lifelines.ts';
import { drawMargin } from './margin.ts';

const gap = '  ';

/** The rows of a timeline as lines no wider than the screen; undefined when it is too narrow for lanes. */
export const drawLanes = (rows: Row[], timeline: Timeline, screen: Screen): string[] | undefined => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const margin = drawMargin(rows, timeline, screen);
  const hosts = hostsIn(timeline.capture);
  const lanes = lanesOf(hosts);
  const gaps = gap.length * (lanes.length - 1);
  const widths = layOut(rows, lanes, screen.width - margin.width - gaps);
  if (!widths) return undefined;
  const total = lanes.reduce((sum, lane) => sum + widths[lane], gaps);
  const lifelines = followLifelines();

  /** One line of lanes; where nothing stands in a state lane, its lifeline does. */
  const laneLine = (contents: (string | undefined)[], alive: Alive) =>
    lanes
      .map((lane, position) => {
        const isAlive = hosts.some((host) => stateLane[host] === lane && alive[host]);
        return fill(contents[position] ?? (isAlive ? paint('faint', glyphs.lifeline) : ''), widths[lane]);
      })
      .join(gap);
  const emptyLine = () => margin.blank + laneLine([], lifelines.alive());

  const drawRow = (row: Row, index: number): string[] => {
    const margins = margin.of(index);
    const before = lifelines.alive();
    for (const event of row.events) if (event.kind === 'state') lifelines.take(event);
    const drawn = row.across ? [] : lanes.map((lane) => drawCell(row.cells[lane], widths[lane], glyphs, paint));
    const across = row.across ? drawAcross(row.across, total, glyphs, paint) : [];
    const height = Math.max(margins.length, across.length, ...drawn.map((lines) => lines.length));
    return Array.from({ length: height }, (_, nth) => {
      const contents =
        across[nth] ??
        laneLine(
          drawn.map((lines) => lines[nth]),
          nth === 0 ? before : lifelines.alive(),
        );
      return (margins[nth] ?? margin.blank) + contents;
    });
  };

  const lines = [
    margin.heading +
      lanes.map((lane) => paint('heading', (isWire(lane) ? centre : fill)(laneTitles[lane], widths[lane]))).join(gap),
    ` ${paint('faint', glyphs.rule.repeat(margin.width - 1 + total))}`,
  ];
  for (const [index, row] of rows.entries()) {
    if (isNewParagraph(rows, index)) lines.push(emptyLine());
    lines.push(...drawRow(row, index));
  }
  return lines.map((line) => line.trimEnd());
};

/** A step of the script and what came of it stand together, and so do what is done to the wire and what comes of that. */
const isNewParagraph = (rows: Row[], index: number): boolean => {
  const row = itemAt(rows, index);
  const previous = rows[index - 1];
  if (!previous) return false;
  if (row.across?.line === 'stage') return true;
  const isLong = (step: number, from: number) => rows[from]?.step === step && rows[from + 1]?.step === step;
  return (
    row.step !== previous.step &&
    !previous.across &&
    (isLong(row.step, index) || isLong(previous.step, index - 2) || row.across !== undefined)
  );
};

const drawCell = (cell: Cell | undefined, width: number, glyphs: Glyphs, paint: Paint): string[] => {
  if (!cell) return [];
  const { text, notes, style, arrow, most = Number.POSITIVE_INFINITY } = cell;
  if (arrow) return drawArrow({ ...cell, arrow }, width, glyphs, paint);
  const wrapped = (style === 'output' ? wrap : wrapCall)(text, width);
  const shown = wrapped.slice(0, most);
  if (wrapped.length > most) shown.push(cut(`${shown.pop()} ${wrapped[most]?.trim()}`, width, glyphs.cut));
  const lines = shown.map((words) => paint(style, words));
  for (const note of notes) {
    const last = lines.at(-1) ?? '';
    if (columns(last) + 1 + columns(note) <= width) lines[lines.length - 1] = `${last} ${paint('note', note)}`;
    else lines.push(...wrap(note, width).map((words) => paint('note', words)));
  }
  return lines;
};

const drawAcross = (
  { text, style, line }: NonNullable<Row['across']>,
  width: number,
  glyphs: Glyphs,
  paint: Paint,
): string[] => {
  if (line === 'none') return wrap(text, width).map((words) => paint(style, words));
  const glyph = line === 'stage' ? glyphs.stage : glyphs.wire;
  return wrap(text, width - 12).map((words) => {
    const rest = width - columns(words) - 2;
    const before = line === 'stage' ? 2 : Math.floor(rest / 2);
    return `${paint(style, glyph.repeat(before))} ${paint(style, words)} ${paint(style, glyph.repeat(rest - before))}`;
  });
};

const centre = (text: string, width: number): string =>
  fill(' '.repeat(Math.floor((width - columns(text)) / 2)) + text, width);
