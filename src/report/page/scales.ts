// How far down a moment stands: by rank, or by time. Stretches in which nothing happens are folded in both.
import { itemAt } from '../../record/item-at.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { onWire, type Row, stateLane } from '../rows/row.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { clockFor, span } from '../words/units.ts';
import { haveNoMoment, timeBeside } from '../words/when.ts';
import type { Fold } from './shapes.ts';

const line = 25;
/** How much lower a segment arrives than it was sent, where nothing happens in between. */
const slant = 13;
const foldHeight = 34;
const margin = 26;
/** From here on, nothing happening is what there is to see (nanoseconds). */
const idle = 900e6;
const stateLanes = Object.values(stateLane);

/** Every row has a place of its own: `top` is where its segment is sent, `bottom` where it arrives. */
export const readableScale = (rows: Row[], { duration, connections }: Timeline) => {
  const clock = clockFor(duration);
  const glyphs = glyphsFor({ unicode: true });
  const folds: Fold[] = [];
  let y = margin;
  const places = rows.map((row, index) => {
    const before = rows[index - 1];
    const since = before ? row.at - before.at : 0;
    if (since >= idle) {
      folds.push({ top: y - 6, bottom: y + foldHeight - 6, words: foldWords(since) });
      y += foldHeight + 6;
    } else if (before && row.across?.line === 'stage') y += 22;
    else if (before && before.step !== row.step && !before.across) y += 9;
    const part = onWire(row)?.arrow?.part;
    const isCrossed = part !== undefined && part !== 'stopped' && part !== 'resumed';
    const place = { top: y, bottom: y + (isCrossed ? slant : 0) };
    // A state's name has a second line, which the next row of its lane must not stand upon.
    const isTight = stateLanes.some((lane) => row.cells[lane] && rows[index + 1]?.cells[lane]);
    y = place.bottom + line + (row.across?.line === 'stage' ? 4 : 0) + (isTight ? 9 : 0);
    return place;
  });
  const lines = rows.map((row, index) => {
    const before = rows[index - 1];
    const since = !before || haveNoMoment(row.events) || haveNoMoment(before.events) ? 0 : row.at - before.at;
    return {
      y: places[index]?.top ?? 0,
      ids: idWords(row, connections.length > 1),
      time: timeBeside(row.events, row.at, clock.write, glyphs),
      delta: since >= 50e3 && since < idle ? `+${span(since, '')}` : '',
    };
  });
  return { places, lines, folds, height: y + margin, unit: clock.unit };
};

/** `at` gives the height of any moment. The whole is about as high as the readable scale's. */
export const trueScale = (rows: Row[], { duration }: Timeline, readableHeight: number) => {
  const moments = [...new Set(rows.flatMap(momentsOf))].filter((at) => at <= duration).sort((a, b) => a - b);
  const busy = (limit: number) =>
    moments.reduce((sum, at, index) => sum + Math.min(limit, at - (moments[index - 1] ?? at)), 0);
  // A pause is folded when it would take more than about a quarter of a screen.
  let scale = 0;
  let limit = idle;
  for (let round = 0; round < 4; round++) {
    scale = readableHeight / Math.max(1e6, busy(limit));
    limit = Math.min(idle, 240 / scale);
  }
  const folds: Fold[] = [];
  const heights: number[] = [];
  let y = margin;
  for (const [index, at] of moments.entries()) {
    const since = at - (moments[index - 1] ?? at);
    if (since >= limit) {
      folds.push({ top: y + 12, bottom: y + 12 + foldHeight, words: foldWords(since) });
      y += foldHeight + 30;
    } else y += since * scale;
    heights.push(y);
  }
  const at = (moment: number): number => {
    let low = 0;
    let high = moments.length - 1;
    if (high < 0) return margin;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (itemAt(moments, middle) <= moment) low = middle;
      else high = middle - 1;
    }
    const base = itemAt(heights, low);
    const next = heights[low + 1] ?? base + 30;
    return Math.min(next, Math.max(margin, base + (moment - itemAt(moments, low)) * scale));
  };
  return { at, folds, height: y + 2 * margin + 20, scale };
};

const momentsOf = ({ at, events }: Row): number[] => [
  at,
  ...events.flatMap((event) =>
    event.kind === 'segment' ? [event.sentAt ?? event.at, event.receivedAt ?? event.at] : event.at,
  ),
];

const foldWords = (since: number): string => `${span(since)} without an event`;

/** `e4`, with the connection where there are several: `e4 #1`. */
const idWords = ({ events: [first], connection }: Row, several: boolean): string =>
  first ? first.id + (several && connection !== undefined ? ` #${connection}` : '') : '';
