// A run as a Mermaid sequence diagram, for a Markdown page: calls and states as notes, segments as arrows.
import type { HostName } from '../../record/hosts.ts';
import type { Timeline } from '../../timeline/schema.ts';
import type { Cell, Lane, Row } from '../rows/row.ts';
import { rowsOf } from '../rows/rows.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { nameOfConnection } from './connection-name.ts';

/** The diagram as text that begins with `sequenceDiagram`. A very long run loses its middle, as on the terminal. */
export const renderMermaid = (timeline: Timeline, title: string): string => {
  const lines = rowsOf(timeline, 'normal', glyphsFor({ unicode: true })).flatMap((row) => rowLines(row, timeline));
  return `${[
    'sequenceDiagram',
    `  accTitle: ${plain(title)}`,
    '  participant C as client 192.0.2.1',
    '  participant S as server 192.0.2.2',
    ...lines.map((line) => `  ${line}`),
  ].join('\n')}\n`;
};

const rowLines = (row: Row, timeline: Timeline): string[] => {
  if (row.across) return [`Note over C,S: ${plain(row.across.text)}`];
  const { wire } = row.cells;
  const name = nameOfConnection(row.connection, timeline);
  // A segment that took its time is drawn when it arrives; when it was sent is told beside it.
  const [sender, receiver]: [HostName, HostName] =
    wire?.arrow?.towards === 'left' ? ['server', 'client'] : ['client', 'server'];
  const notes = (host: HostName) => {
    const words = lanesOf[host].flatMap((lane) => cellWords(row.cells[lane], lane));
    return words.length > 0
      ? [
          `Note ${host === 'client' ? 'left of C' : 'right of S'}: ${words.map((one) => plain(name + one)).join('<br/>')}`,
        ]
      : [];
  };
  return [...notes(sender), ...(wire?.arrow ? [arrowLine(wire, sender, name)] : []), ...notes(receiver)];
};

const lanesOf: Record<HostName, Lane[]> = {
  client: ['clientCalls', 'clientState'],
  server: ['serverCalls', 'serverState'],
};

const cellWords = (cell: Cell | undefined, lane: Lane): string[] => {
  if (!cell) return [];
  const beside = cell.notes.filter(Boolean).join(' · ');
  return [
    lane.endsWith('State') && cell.ids
      ? `${cell.text}${beside ? ` (${beside})` : ''}`
      : [cell.text, beside].filter(Boolean).join(' '),
  ];
};

const arrowLine = ({ text, notes, arrow }: Cell, sender: HostName, name: string): string => {
  const [from, to] = sender === 'client' ? ['C', 'S'] : ['S', 'C'];
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
