// A run as a Mermaid sequence diagram, for a Markdown page: calls and states as notes, segments as arrows.
import { addressOf, type HostName, hostsIn } from '../../record/hosts.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { type Cell, callsLane, hostsAt, type Lane, onWire, type Row, stateLane } from '../rows/row.ts';
import { rowsOf } from '../rows/rows.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { nameOfConnection } from './connection-name.ts';

/** The diagram as text that begins with `sequenceDiagram`. A very long run loses its middle, as on the terminal. */
export const renderMermaid = (timeline: Timeline, title: string): string => {
  const lines = rowsOf(timeline, 'normal', glyphsFor({ unicode: true })).flatMap((row) => rowLines(row, timeline));
  return `${[
    'sequenceDiagram',
    `  accTitle: ${plain(title)}`,
    ...hostsIn(timeline.capture).map((host) => `  participant ${letterOf[host]} as ${host} ${addressOf[host].ip}`),
    ...lines.map((line) => `  ${line}`),
  ].join('\n')}\n`;
};

const rowLines = (row: Row, timeline: Timeline): string[] => {
  if (row.across) return [`Note over C,S: ${plain(row.across.text)}`];
  const wire = onWire(row);
  const hosts = hostsIn(timeline.capture);
  const name = nameOfConnection(row.connection, timeline);
  // A segment that took its time is drawn when it arrives; when it was sent is told beside it.
  const [left, right] = hostsAt(row.cells.upstream ? 'upstream' : 'wire', hosts);
  const [sender, receiver] = wire?.arrow?.towards === 'left' ? [right, left] : [left, right];
  const notes = (host: HostName) => {
    const words = [...ownLanes(host)].flatMap((lane) => cellWords(row.cells[lane], lane));
    return words.length > 0 ? [`Note ${placeOf[host]}: ${words.map((one) => plain(name + one)).join('<br/>')}`] : [];
  };
  const others = hosts.filter((host) => host !== sender && host !== receiver);
  return [
    ...notes(sender),
    ...(wire?.arrow ? [arrowLine(wire, [sender, receiver], name)] : []),
    ...[receiver, ...others].flatMap(notes),
  ];
};

const letterOf: Record<HostName, string> = { client: 'C', proxy: 'P', server: 'S' };
const placeOf: Record<HostName, string> = { client: 'left of C', proxy: 'over P', server: 'right of S' };

const ownLanes = (host: HostName): Set<Lane> => new Set([callsLane[host], stateLane[host]]);

const cellWords = (cell: Cell | undefined, lane: Lane): string[] => {
  if (!cell) return [];
  const beside = cell.notes.filter(Boolean).join(' · ');
  return [
    lane.endsWith('State') && cell.ids
      ? `${cell.text}${beside ? ` (${beside})` : ''}`
      : [cell.text, beside].filter(Boolean).join(' '),
  ];
};

const arrowLine = ({ text, notes, arrow }: Cell, way: [HostName, HostName], name: string): string => {
  const [from, to] = way.map((host) => letterOf[host]);
  // `-x` ends in a cross; `--)` is open: sent, and not yet there.
  const line = arrow?.part === 'lost' ? '-x' : arrow?.part === 'stopped' ? '--)' : '->>';
  return `${from}${line}${to}: ${plain(name + [text, ...notes].join(' · '))}`;
};

/** Mermaid ends a statement at `;` and begins a code at `#`; angle brackets are HTML to it. */
const plain = (text: string): string =>
  text
    .replaceAll('\n', ' ')
    .replace(/[#;<>%{}]/g, (character) => `#${character.charCodeAt(0)};`)
    .trim();
