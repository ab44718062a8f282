// A timeline as rows of five lanes. A row is one moment: a call, the segment it sent and the states both led to share one,
// so that cause and effect read from side to side, and time reads downwards. The order within a lane is never changed.
import type { HostName, Timeline, TimelineEvent } from '../timeline/schema.ts';
import { abridge } from './abridge.ts';
import { type Cell, callCell, emitCell, outputCell, processCell, segmentCell, stateCell } from './cells.ts';
import type { Glyphs } from './glyphs.ts';
import { type Detail, type Moment, momentsOf, shownEvents } from './moments.ts';
import type { Style } from './paint.ts';
import { type QueueNote, queueNotes } from './queues.ts';
import { newSpeakers } from './speakers.ts';
import { visible } from './text.ts';
import { idsOfFrames, wireWords } from './words.ts';

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

/** Lay the events out in rows, in order of time. */
export const rowsOf = (timeline: Timeline, detail: Detail, glyphs: Glyphs): Row[] => {
  const rows: Row[] = [];
  /** The row each event stands on; for a segment that took its time, the one where it arrives. */
  const rowOf = new Map<string, Row>();
  const speakers = newSpeakers(shownEvents(timeline, detail));
  const ids = idsOfFrames(timeline.events);

  for (const moment of momentsOf(timeline, detail)) {
    const { event, at } = moment;
    const content = contentOf(moment, detail, glyphs, ids);
    const speaker = speakers.get(event.id);
    if (speaker && moment.part !== 'done' && 'lane' in content) content.cell.text = `${speaker}: ${content.cell.text}`;
    const connection = 'connection' in event ? event.connection : undefined;
    const shared = 'lane' in content ? sharedRow(moment, content.lane, connection, rows, rowOf) : undefined;
    // What began in one step and is done in another belongs to the later one.
    const step = moment.part === 'done' ? Math.max(event.step, rows.at(-1)?.step ?? 0) : event.step;
    const row: Row = shared ?? { at, step, events: [], cells: {} };
    if (!shared) rows.push(row);
    row.events.push(event);
    row.connection ??= connection;
    if ('lane' in content) row.cells[content.lane] = content.cell;
    else row.across = content.across;
    rowOf.set(event.id, row);
  }
  for (const note of queueNotes(timeline)) addQueueNote(note, rows);
  const ending = endingRow(timeline);
  const all = ending ? [...rows, ending] : rows;
  return abridge(all, detail === 'full', (count, { at, step }) => ({
    at,
    step,
    events: [],
    cells: {},
    across: { text: `${count} rows left out; --full shows them`, style: 'note', line: 'wire' },
  }));
};

/** A queue's content stands beside the last thing that happened before it was seen. */
const addQueueNote = ({ at, host, connection, words }: QueueNote, rows: Row[]) => {
  const row = rows.findLast((each) => each.at <= at && !each.across);
  if (!row) return;
  const isElsewhere = connection !== undefined && row.connection !== undefined && row.connection !== connection;
  const text = isElsewhere ? `#${connection} ${words}` : words;
  const lane = host === 'client' ? 'clientState' : 'serverState';
  const cell = row.cells[lane];
  if (cell) cell.notes.push(text);
  else row.cells[lane] = { text, style: 'note', notes: [] };
};

/** The row of what caused this, if this may stand beside it. */
const sharedRow = (
  { event, part }: Moment,
  lane: Lane,
  connection: number | undefined,
  rows: Row[],
  rowOf: Map<string, Row>,
): Row | undefined => {
  const { cause } = event;
  if (part === 'done' || event.kind === 'call' || !cause || !('event' in cause)) return undefined;
  const last = rows.at(-1);
  // The end of a process is recorded after the kernel has closed its sockets: then what has the same cause stands together.
  const causeRow = rowOf.get(cause.event) ?? (last && hasCause(last, cause.event) ? last : undefined);
  if (!causeRow || !last) return undefined;
  const row = cause.kind === 'call' && onlyNodeCallsSince(causeRow, rows) ? last : causeRow;
  const later = rows.slice(rows.lastIndexOf(row) + 1);
  // A state changes the moment its cause takes effect, though ss shows it a little later. What an application is told
  // is shown when it was told, but may pass what concerned the other host only.
  const isInOrder = later.every((between) => {
    if (between.across) return false;
    if (event.kind === 'state') return !between.cells[lane];
    return event.kind === 'emit' && !between.cells.wire && ownLanes[event.host].every((own) => !between.cells[own]);
  });
  const isSameConnection = connection === undefined || row.connection === undefined || row.connection === connection;
  return isInOrder && isSameConnection && !row.across && !row.cells[lane] && row.step === event.step ? row : undefined;
};

const hasCause = ({ events }: Row, id: string): boolean =>
  events.some(({ cause }) => cause && 'event' in cause && cause.event === id);

const ownLanes: Record<HostName, Lane[]> = {
  client: ['clientCalls', 'clientState'],
  server: ['serverState', 'serverCalls'],
};

/** What Node did on behalf of the script's call stands beneath it; what follows belongs beside the last of these. */
const onlyNodeCallsSince = (row: Row, rows: Row[]): boolean =>
  rows.slice(rows.lastIndexOf(row) + 1).every(({ events: [first] }) => first?.kind === 'call' && first.by === 'node');

const contentOf = (
  moment: Moment,
  detail: Detail,
  glyphs: Glyphs,
  ids: Map<unknown, string>,
): { lane: Lane; cell: Cell } | { across: NonNullable<Row['across']> } => {
  const { event, part } = moment;
  switch (event.kind) {
    case 'call':
      return { lane: callsOf(event.host), cell: callCell(event, part, glyphs) };
    case 'emit':
      return { lane: callsOf(event.host), cell: emitCell(event) };
    case 'process':
      return { lane: callsOf(event.host), cell: processCell(event) };
    case 'output':
      return { lane: callsOf(event.host), cell: outputCell(event) };
    case 'state':
      return { lane: event.host === 'client' ? 'clientState' : 'serverState', cell: stateCell(event) };
    case 'segment':
      return { lane: 'wire', cell: segmentCell(event, moment, detail === 'full') };
    case 'wire':
      return { across: { text: `wire: ${wireWords(event, ids)}`, style: 'wire', line: 'wire' } };
    case 'stage':
      return event.edge === 'note'
        ? { across: { text: visible(event.text), style: 'note', line: 'none' } }
        : { across: { text: visible(event.text), style: 'stage', line: 'stage' } };
  }
};

/** What is still there when the recording ends, which no event tells. */
const endingRow = ({ events, duration }: Timeline): Row | undefined => {
  const last = new Map(
    events.flatMap((event) => (event.kind === 'state' ? [[`${event.host} ${event.socket}`, event] as const] : [])),
  );
  const cellOf = (host: HostName): Cell | undefined => {
    const states = [...last.values()]
      .filter((event) => event.host === host && event.to !== 'CLOSED' && event.to !== 'LISTEN')
      .map(({ to }) => to);
    const words = [...new Set(states)].map((state) => {
      const count = states.filter((other) => other === state).length;
      return count > 1 ? `${count} in ${state}` : state;
    });
    return words.length > 0 ? { text: words.join(', '), style: 'state', notes: ['at the end'] } : undefined;
  };
  const clientState = cellOf('client');
  const serverState = cellOf('server');
  if (!clientState && !serverState) return undefined;
  return {
    at: duration,
    step: Number.POSITIVE_INFINITY,
    events: [],
    cells: { ...(clientState && { clientState }), ...(serverState && { serverState }) },
  };
};

const callsOf = (host: HostName): Lane => (host === 'client' ? 'clientCalls' : 'serverCalls');
