// What stands left of the lanes: event ids, the time, the time since the row above, and the connection where there are several.
import { itemAt } from '../../record/item-at.ts';
import type { Timeline, TimelineEvent } from '../../timeline/schema.ts';
import type { Row } from '../rows/row.ts';
import { type Glyphs, glyphsFor } from '../words/glyphs.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { columns, fill, fillLeft, widest } from '../words/text.ts';
import { clockFor, span } from '../words/units.ts';
import { haveNoMoment, timeBeside } from '../words/when.ts';

/** From here on, nothing happening is what there is to see. */
const idle = 900e6;
const widestIds = 9;

export type Margin = {
  width: number;
  heading: string;
  blank: string;
  /** The margin of a row: its first line, and further lines where its ids need them. */
  of(index: number): string[];
};

export const drawMargin = (rows: Row[], timeline: Timeline, screen: Screen): Margin => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const clock = clockFor(timeline.duration);
  const shown = rows.map((row, index) => {
    const before = rows[index - 1];
    // What has no moment is no time from anything.
    const since = !before || haveNoMoment(row.events) || haveNoMoment(before.events) ? 0 : row.at - before.at;
    return {
      ids: idLines(row.events, glyphs),
      time: timeBeside(row.events, row.at, clock.write, glyphs),
      delta: since >= 50e3 ? `+${span(since, '')}` : '',
      isIdle: since >= idle,
      connection: timeline.connections.length > 1 && row.connection !== undefined ? `#${row.connection}` : '',
    };
  });
  const widthOf = (title: string, texts: string[]) => widest([title, ...texts]);
  const ids = widthOf(
    'event',
    shown.flatMap((row) => row.ids),
  );
  const time = widthOf(
    clock.unit,
    shown.map((row) => row.time),
  );
  const delta = widthOf(
    'delta',
    shown.map((row) => row.delta),
  );
  const connection = widthOf(
    '',
    shown.map((row) => row.connection),
  );
  const line = (texts: string[]) => ` ${texts.join('  ')}  `;
  const place = (texts: [string, string, string, string], paintDelta: (text: string) => string) => [
    paint('faint', fill(texts[0], ids)),
    fillLeft(texts[1], time),
    paintDelta(fillLeft(texts[2], delta)),
    ...(connection > 0 ? [fill(texts[3], connection)] : []),
  ];
  const plain = (text: string) => text;
  const heading = line(place(['event', clock.unit, 'delta', ''], plain).map((text) => paint('faint', text)));
  return {
    width: columns(heading),
    heading,
    blank: ' '.repeat(columns(heading)),
    of: (index) => {
      const row = itemAt(shown, index);
      const paintDelta = (text: string) => paint(row.isIdle ? 'idle' : 'faint', text);
      return row.ids.map((words, nth) =>
        line(place(nth === 0 ? [words, row.time, row.delta, row.connection] : [words, '', '', ''], paintDelta)),
      );
    },
  };
};

/** `e4–7,9`, in lines no longer than the column. */
const idLines = (events: TimelineEvent[], glyphs: Glyphs): string[] => {
  if (events.length === 0) return [''];
  const numbers = [...new Set(events.map(({ id }) => Number(id.slice(1))))].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range && number === range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const lines: string[] = [];
  for (const [first, last] of ranges) {
    const words = first === last ? `${first}` : `${first}${glyphs.dash}${last}`;
    const line = lines.at(-1);
    if (line !== undefined && columns(line) + 1 + columns(words) <= widestIds)
      lines[lines.length - 1] = `${line},${words}`;
    else lines.push(`e${words}`);
  }
  return lines;
};
