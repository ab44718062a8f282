// What the sequence diagram shows and how far down each thing stands, in both scales of time: `readable`, where every
// moment has a line of its own, and `true`, where a millisecond always has the same height. How wide anything is, the
// drawing decides.
import { type HostName, hostNames, hostsIn } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { callsLane, hostsAt, type Lane, lanesOf, laneTitles, onWire, type Row, stateLane } from '../rows/row.ts';
import { allRows } from '../rows/rows.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { bandsOf } from './bands.ts';
import { readableScale, trueScale } from './scales.ts';
import type { Height, Item, Scene, SceneLane } from './shapes.ts';

/** Lay out a timeline. `cited` are the ids findings refer to: they are shown in any case. */
export const sceneOf = (timeline: Timeline, cited: ReadonlySet<string>): Scene => {
  const hosts = hostsIn(timeline.capture);
  const lanes = lanesOf(hosts);
  const rows = allRows(timeline, 'normal', glyphsFor({ unicode: true }), cited);
  const readable = readableScale(rows, timeline);
  const exact = trueScale(rows, timeline, readable.height);
  const items = rows.flatMap((row, index) => itemsOf(row, index, { hosts, readable, exact }));
  const joined = joinArrows(items);
  joined.push(...samplesCited(timeline, cited, rows, { hosts, readable, exact }));
  const { bands, columns, omitted } = bandsOf(timeline, joined, [readable.height, exact.height]);
  placeLabels(joined, lanes);
  return {
    items: joined,
    lanes: lanes.map(shapeOf),
    bands,
    columns,
    margin: readable.lines.map((line, index) => ({ ...line, y: [line.y, exact.at(itemAt(rows, index).at)] })),
    folds: [readable.folds, exact.folds],
    height: [readable.height, exact.height],
    unit: readable.unit,
    severalConnections: timeline.connections.length > 1,
    omitted,
  };
};

const shapeOf = (lane: Lane): SceneLane => {
  const host = hostNames.find((one) => callsLane[one] === lane || stateLane[one] === lane);
  const kind = !host
    ? 'wire'
    : callsLane[host] === stateLane[host]
      ? 'both'
      : lane === callsLane[host]
        ? 'calls'
        : 'state';
  return { title: laneTitles[lane], kind, ...(host && { host }) };
};

type Readable = ReturnType<typeof readableScale>;
type Exact = ReturnType<typeof trueScale>;
type Scales = { hosts: HostName[]; readable: Readable; exact: Exact };

const itemsOf = (row: Row, index: number, { hosts, readable, exact }: Scales): Item[] => {
  const lanes = lanesOf(hosts);
  const place = itemAt(readable.places, index);
  const height = (at: number, y: number): Height => [y, exact.at(at)];
  if (row.across) {
    const [event] = row.events;
    return [
      { id: event?.id ?? '', lane: -1, style: row.across.style, text: row.across.text, y: height(row.at, place.top) },
    ];
  }
  return lanes.flatMap((lane): Item[] => {
    const cell = row.cells[lane];
    if (!cell) return [];
    const id = cell.ids?.[0] ?? '';
    const event = row.events.find((one) => one.id === id);
    const base = {
      id,
      lane: lanes.indexOf(lane),
      style: cell.style,
      text: cell.text,
      note: cell.notes.join(' · ') || undefined,
      connection: row.connection,
    };
    if (cell.arrow && event?.kind === 'segment') {
      const { sentAt, receivedAt } = event;
      const begin = sentAt ?? event.at;
      const end = receivedAt ?? begin;
      return [
        {
          ...base,
          y: height(begin, place.top),
          arrow: {
            to: cell.arrow.towards,
            end: event.fate === 'delivered' ? 'whole' : event.fate === 'dropped' ? 'lost' : 'held',
            ...(event.origin === 'host' ? {} : { made: true as const }),
            // A lost one never gets across: in true time it still needs a slope to be seen.
            y: [
              cell.arrow.part === 'resumed' ? place.top : place.bottom,
              receivedAt === undefined ? exact.at(begin) + slope : exact.at(end),
            ],
          },
        },
      ];
    }
    return [{ ...base, y: height(event?.at ?? row.at, isReceiver(lane, row, hosts) ? place.bottom : place.top) }];
  });
};

const slope = 14;

/** What happens at the end where the row's segment arrives stands at the arrow's head. */
const isReceiver = (lane: Lane, row: Row, hosts: HostName[]): boolean => {
  const { arrow } = onWire(row) ?? {};
  if (!arrow || arrow.part === 'stopped') return false;
  const [left, right] = hostsAt(row.cells.wire ? 'wire' : 'upstream', hosts);
  return lane.startsWith(arrow.towards === 'right' ? right : left);
};

/** A segment that took its time stands on two rows: one arrow from the first to the second. */
const joinArrows = (items: Item[]): Item[] => {
  const begun = new Map<string, Item>();
  return items.filter((item) => {
    if (!item.arrow || !item.id) return true;
    const first = begun.get(item.id);
    if (!first?.arrow) {
      begun.set(item.id, item);
      return true;
    }
    first.arrow.y = item.arrow.y;
    first.note = item.note?.replace(/ ?·? ?arrives$/, '');
    return false;
  });
};

/** A sample of ss that a finding rests on stands beside the last thing that happened before it. */
const samplesCited = (
  timeline: Timeline,
  cited: ReadonlySet<string>,
  rows: Row[],
  { hosts, readable, exact }: Scales,
): Item[] => {
  const taken = new Map<string, number>();
  return timeline.samples
    .filter(({ id }) => cited.has(id))
    .map(({ id, host, begin }) => {
      const index = Math.max(
        0,
        rows.findLastIndex(({ at, across }) => at <= begin && !across),
      );
      const key = `${host} ${index}`;
      const nth = taken.get(key) ?? 0;
      taken.set(key, nth + 1);
      const place = readable.places[index];
      return {
        id,
        lane: lanesOf(hosts).indexOf(stateLane[host]),
        style: 'note',
        text: id,
        y: [place?.bottom ?? 0, exact.at(begin)],
        nth,
      } satisfies Item;
    });
};

const lineHeight = 17;
/** Further from its moment a label would mislead. */
const furthest = 60;

/**
 * In true time words of one lane may not stand upon each other: later ones move down, and stay away where they would
 * move too far.
 */
const placeLabels = (items: Item[], lanes: readonly Lane[]) => {
  const free = lanes.map(() => Number.NEGATIVE_INFINITY);
  const order = items.filter(({ nth }) => nth === undefined).sort((a, b) => a.y[1] - b.y[1]);
  for (const item of order) {
    const isAcross = item.lane === -1;
    const y = Math.max(item.y[1], isAcross ? Math.max(...free) : (free[item.lane] as number));
    if (y - item.y[1] > furthest && !isAcross) {
      item.label = null;
      continue;
    }
    if (y !== item.y[1]) item.label = y;
    if (isAcross) free.fill(y + lineHeight + 4);
    else free[item.lane] = y + lineHeight;
  }
};
