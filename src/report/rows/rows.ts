// A timeline as rows of lanes. A row is one moment: a call, the segment it sent and the states both led to share one,
// so that cause and effect read from side to side, and time reads downwards. The order within a lane is never changed.
import type { OutputEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import type { Glyphs } from '../words/glyphs.ts';
import { type Detail, momentsOf, stepOf } from '../words/moments.ts';
import { idsOfFrames } from '../words/words.ts';
import { abridge } from './abridge.ts';
import { outputCell } from './cells.ts';
import { contentOf } from './content.ts';
import { endingRow } from './ending.ts';
import { type QueueNote, queueNotes } from './queues.ts';
import { callsLane, type Row, stateLane } from './row.ts';
import { sharedRow } from './shared-row.ts';
import { newSpeakers } from './speakers.ts';

/** Lay the events out in rows, in order of time; the middle of a very long run is left out unless `detail` is full. */
export const rowsOf = (timeline: Timeline, detail: Detail, glyphs: Glyphs): Row[] =>
  abridge(allRows(timeline, detail, glyphs), detail === 'full', (count, { at, step }) => ({
    at,
    step,
    events: [],
    cells: {},
    across: { text: `${count} rows left out; --full shows them`, style: 'note', line: 'wire' },
  }));

/** All rows, however many. Events named in `keep` are shown even where `detail` would leave them out. */
export const allRows = (timeline: Timeline, detail: Detail, glyphs: Glyphs, keep?: ReadonlySet<string>): Row[] => {
  const rows: Row[] = [];
  /** The row each event stands on; for a segment that took its time, the one where it arrives. */
  const rowOf = new Map<string, Row>();
  const moments = momentsOf(timeline, detail, keep);
  const speakers = newSpeakers(moments);
  const ids = idsOfFrames(timeline.events);

  for (const moment of moments) {
    const { event, at } = moment;
    const content = contentOf(moment, { isFull: detail === 'full', glyphs, ids });
    const speaker = speakers.get(event.id);
    if (speaker && moment.part !== 'done' && 'lane' in content) content.cell.text = `${speaker}: ${content.cell.text}`;
    const connection = 'connection' in event ? event.connection : undefined;
    if (event.kind === 'output' && joinOutput(event, rows)) continue;
    const shared = 'lane' in content ? sharedRow(moment, content.lane, rows, rowOf) : undefined;
    const step = stepOf(moment, rows.at(-1)?.step);
    const row: Row = shared ?? { at, step, events: [], cells: {} };
    if (!shared) rows.push(row);
    row.events.push(event);
    row.connection ??= connection;
    if ('lane' in content) row.cells[content.lane] = { ...content.cell, ids: [event.id] };
    else row.across = content.across;
    rowOf.set(event.id, row);
  }
  for (const note of queueNotes(timeline)) addQueueNote(note, rows);
  const ending = endingRow(timeline);
  return ending ? [...rows, ending] : rows;
};

/** Of what a program prints in one go the first line is shown. True when this was a further one. */
const joinOutput = (event: OutputEvent, rows: Row[]): boolean => {
  const last = rows.at(-1);
  const isSame = ({ kind, ...other }: TimelineEvent) =>
    kind === 'output' && 'process' in other && other.process === event.process;
  const cell = last?.cells[callsLane[event.host]];
  // What stands between the first and the last of them was joined in the same way.
  const ends = [last?.events[0], last?.events.at(-1)];
  if (!last || !cell || last.step !== event.step || !ends.every((one) => one && isSame(one))) return false;
  last.events.push(event);
  cell.text ||= outputCell(event).text;
  cell.ids?.push(event.id);
  cell.notes = [`and ${last.events.length - 1} more`];
  return true;
};

/** A queue's content stands beside the last thing that happened before it was seen. */
const addQueueNote = ({ at, host, connection, words }: QueueNote, rows: Row[]) => {
  const row = rows.findLast((each) => each.at <= at && !each.across);
  if (!row) return;
  const isElsewhere = connection !== undefined && row.connection !== undefined && row.connection !== connection;
  const text = isElsewhere ? `#${connection} ${words}` : words;
  const lane = stateLane[host];
  const cell = row.cells[lane];
  if (cell) cell.notes.push(text);
  else row.cells[lane] = { text, style: 'note', notes: [] };
};
