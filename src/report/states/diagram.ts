// RFC 9293's state diagram as SVG, at positions laid by hand after its figure 5: opening at the top, active close left,
// passive close right.
import type { TcpState } from '../../record/tcp-state.ts';
import { keyOf, type Transition, transitions } from '../../timeline/states/transitions.ts';
import type { Coverage, Paths } from './coverage.ts';

type Point = [x: number, y: number];

const left = 62;
const width = 684;
const height = 610;
const box = { width: 112, height: 30 };

const places: Record<TcpState | 'CLOSED-END', Point> = {
  CLOSED: [280, 30],
  LISTEN: [280, 120],
  'SYN-RECEIVED': [110, 210],
  'SYN-SENT': [450, 210],
  ESTABLISHED: [280, 290],
  'FIN-WAIT-1': [110, 370],
  'CLOSE-WAIT': [450, 370],
  'FIN-WAIT-2': [110, 470],
  CLOSING: [280, 430],
  'LAST-ACK': [450, 470],
  'TIME-WAIT': [280, 520],
  'CLOSED-END': [450, 580],
};

/** The way of each transition as a path, and where its words stand. CLOSED stands twice, as in the RFC's figure. */
const ways: Record<string, { path: string; label: Point; anchor?: 'start' | 'middle' | 'end' }> = {
  'CLOSED>LISTEN': { path: 'M262 45V105', label: [256, 79], anchor: 'end' },
  'LISTEN>CLOSED': { path: 'M298 105V45', label: [304, 79], anchor: 'start' },
  'CLOSED>SYN-SENT': { path: 'M336 30H430Q450 30 450 50V195', label: [456, 79], anchor: 'start' },
  'SYN-SENT>CLOSED': { path: 'M488 195V34Q488 14 468 14H336', label: [480, 10], anchor: 'end' },
  'LISTEN>SYN-RECEIVED': { path: 'M224 120H130Q110 120 110 140V195', label: [116, 152], anchor: 'start' },
  'SYN-RECEIVED>LISTEN': { path: 'M78 195V128Q78 108 98 108H224', label: [86, 100], anchor: 'start' },
  'LISTEN>SYN-SENT': { path: 'M336 120H402Q422 120 422 140V195', label: [416, 152], anchor: 'end' },
  'SYN-SENT>SYN-RECEIVED': { path: 'M394 210H166', label: [280, 203] },
  'SYN-RECEIVED>ESTABLISHED': { path: 'M140 225V270Q140 290 160 290H224', label: [148, 247], anchor: 'start' },
  'SYN-SENT>ESTABLISHED': { path: 'M420 225V270Q420 290 400 290H336', label: [412, 266], anchor: 'end' },
  'SYN-RECEIVED>FIN-WAIT-1': { path: 'M86 225V355', label: [80, 296], anchor: 'end' },
  'ESTABLISHED>FIN-WAIT-1': { path: 'M244 305V350Q244 370 224 370H166', label: [238, 338], anchor: 'end' },
  'ESTABLISHED>CLOSE-WAIT': { path: 'M316 305V350Q316 370 336 370H394', label: [322, 338], anchor: 'start' },
  'FIN-WAIT-1>FIN-WAIT-2': { path: 'M86 385V455', label: [80, 424], anchor: 'end' },
  'FIN-WAIT-1>CLOSING': { path: 'M134 385V410Q134 430 154 430H224', label: [140, 404], anchor: 'start' },
  'FIN-WAIT-1>TIME-WAIT': {
    path: 'M110 385V440Q110 448 118 448H190Q200 448 200 458V498Q200 510 212 510H224',
    label: [206, 496],
    anchor: 'start',
  },
  'FIN-WAIT-2>TIME-WAIT': { path: 'M110 485V510Q110 526 130 526H224', label: [100, 545], anchor: 'start' },
  'CLOSING>TIME-WAIT': { path: 'M322 445V505', label: [328, 452], anchor: 'start' },
  'CLOSE-WAIT>LAST-ACK': { path: 'M450 385V455', label: [456, 424], anchor: 'start' },
  'LAST-ACK>CLOSED': { path: 'M450 485V565', label: [456, 529], anchor: 'start' },
  'TIME-WAIT>CLOSED': { path: 'M280 535V560Q280 580 300 580H394', label: [300, 574], anchor: 'start' },
};

/**
 * A standalone `<svg>`; its classes are coloured by the page, or by `svgStyle` in a file of its own. With `paths`, the
 * transitions each end went through are lit; with `coverage`, those any run has witnessed.
 */
export const drawStateDiagram = ({ paths, coverage }: { paths?: Paths; coverage?: Coverage }): string => {
  const marked = transitions.map((transition) => {
    const key = keyOf(transition);
    const client = paths?.client.get(key) ?? [];
    const server = paths?.server.get(key) ?? [];
    const by = coverage?.drawn.find((one) => keyOf(one) === key)?.by ?? [];
    return { transition, key, client, server, by, isLit: client.length + server.length + by.length > 0 };
  });
  // What is lit is drawn last, above the rest.
  marked.sort((a, b) => Number(a.isLit) - Number(b.isLit));
  const visited = new Set(
    marked
      .filter(({ isLit }) => isLit)
      .flatMap(({ transition: { from, to }, key }) => [
        from,
        key === 'TIME-WAIT>CLOSED' || key === 'LAST-ACK>CLOSED' ? 'CLOSED-END' : to,
      ]),
  );
  return `<svg class="state-diagram" viewBox="${-left} 0 ${width} ${height}" role="img" aria-label="${describe(marked, coverage !== undefined)}">
<defs>${['idle', 'client', 'server', 'both', 'seen'].map(marker).join('')}</defs>
${marked.map(drawWay).join('\n')}
${Object.entries(places)
  .map(([name, [x, y]]) => drawState(name, x, y, visited.has(name as TcpState)))
  .join('\n')}
</svg>${paths ? '<p class="legend"><b>C</b> and a solid line: the client went this way; <b>S</b> and a dashed line: the server; <b>C+S</b>: both. Click a line to go to the event.</p>' : ''}`;
};

type Marked = {
  transition: Transition;
  key: string;
  client: string[];
  server: string[];
  by: { experiment: string }[];
  isLit: boolean;
};

const kindOf = ({ client, server, by }: Marked): string =>
  by.length > 0
    ? 'seen'
    : client.length > 0 && server.length > 0
      ? 'both'
      : client.length > 0
        ? 'client'
        : server.length > 0
          ? 'server'
          : 'idle';

const drawWay = (marked: Marked): string => {
  const { transition, key, client, server, by } = marked;
  const way = ways[key];
  if (!way) return '';
  const kind = kindOf(marked);
  const {
    path,
    label: [x, y],
    anchor = 'middle',
  } = way;
  const who =
    kind === 'both'
      ? 'C+S'
      : kind === 'client'
        ? 'C'
        : kind === 'server'
          ? 'S'
          : kind === 'seen'
            ? `${by.length}×`
            : '';
  const events = [...client, ...server];
  return `<g class="way w-${kind}" data-way="${key}"${events.length > 0 ? ` data-events="${escapeTitle(events.join(' '))}"` : ''}><title>${title(marked)}</title><path d="${path}" marker-end="url(#tip-${kind})"/><text x="${x}" y="${y}" text-anchor="${anchor}">${who ? `<tspan class="who">${who} </tspan>` : ''}${transition.event.replace(/(.*) arrives/, 'rcv $1')}${transition.action ? `<tspan class="sends"> / ${transition.action}</tspan>` : ''}</text></g>`;
};

const title = ({ transition: { from, to, hidden }, client, server, by }: Marked): string => {
  const witnesses = [
    client.length > 0 ? `client ${client.join(' ')}` : '',
    server.length > 0 ? `server ${server.join(' ')}` : '',
    escapeTitle(by.map(({ experiment }) => experiment).join(', ')),
  ].filter(Boolean);
  return `${from} to ${to}: ${witnesses.length > 0 ? witnesses.join('; ') : `not witnessed${hidden ? `. ${escapeTitle(hidden)}` : ''}`}`;
};

const drawState = (name: string, x: number, y: number, isVisited: boolean): string => {
  const state = name.replace('-END', '');
  return `<g class="state s-${state}${isVisited ? ' visited' : ''}"><rect x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="7"/><text x="${x}" y="${y + 4.5}" text-anchor="middle">${state}</text></g>`;
};

const marker = (kind: string): string =>
  `<marker id="tip-${kind}" class="tip t-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8Z"/></marker>`;

const describe = (marked: Marked[], isCoverage: boolean): string => {
  const lit = marked.filter(({ isLit }) => isLit);
  if (isCoverage) return `RFC 9293 state diagram: ${lit.length} of ${marked.length} transitions witnessed`;
  const way = (who: 'client' | 'server') =>
    lit.filter((one) => one[who].length > 0).map(({ transition: { from, to } }) => `${from} to ${to}`);
  return `RFC 9293 state diagram. The client went ${way('client').join(', ') || 'nowhere'}. The server went ${way('server').join(', ') || 'nowhere'}.`;
};

const escapeTitle = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
