// Draws one thing of the sequence diagram: its words in their lane, or its arrow. Pure.
import type { Item, Scene } from '../shapes.ts';
import { drawArrow } from './arrow.ts';
import { bandPlace, type Lane } from './lanes.ts';
import { cutTo, escapeText, round, wrapWords } from './text.ts';
import type { View } from './view.ts';

export const drawItem = (item: Item, scene: Scene, lanes: Lane[], view: View) => {
  const { scale } = view;
  const lane = lanes[item.lane] ?? { x: lanes[0]?.x ?? 0, width: view.width - (lanes[0]?.x ?? 0) - 8 };
  const y = item.y[scale];
  const label = scale === 1 ? (item.label === undefined ? y : item.label) : y;
  const drawn =
    item.lane === -1
      ? drawAcross(item, lane, label ?? y, view)
      : item.arrow
        ? drawArrow(item, lane, y, label, view)
        : item.nth === undefined
          ? drawWords(item, scene, lanes, lane, y, label, view)
          : drawSample(item, lane, y, view);
  if (!item.id) return `<g class="item c-${item.style} plain">${drawn}</g>`;
  return `<g class="item c-${item.style} ${view.classesOf(item.id)}" data-id="${item.id}"${view.attributesOf(item)}><title>${escapeText(view.titleOf(item))}</title>${drawn}</g>`;
};

const drawAcross = ({ text, style }: Item, { x, width }: Lane, y: number, { letter }: View) => {
  const words = cutTo(text, Math.floor((width - 30) / letter));
  const length = [...words].length * letter;
  const hit = `<rect class="hit" x="${x + 2}" y="${y - 11}" width="${width - 4}" height="22" rx="4"/>`;
  if (style === 'wire') {
    const middle = x + width / 2;
    return `${hit}<path class="across" d="M${x + 6} ${y}H${middle - length / 2 - 8}M${middle + length / 2 + 8} ${y}H${x + width - 6}"/><text x="${middle}" y="${y + 4}" text-anchor="middle">${escapeText(words)}</text>`;
  }
  return `${hit}<text x="${x + 8}" y="${y + 4}">${escapeText(words)}</text>${style === 'stage' ? `<path class="across" d="M${x + length * 1.06 + 20} ${y}H${x + width - 6}"/>` : ''}`;
};

/** Words of a call or of a state. */
const drawWords = (
  { lane: index, text, note = '', column, connection, id }: Item,
  scene: Scene,
  lanes: Lane[],
  lane: Lane,
  y: number,
  label: number | null,
  { letter, scale }: View,
) => {
  const { kind: holds = 'calls', host = 'client' } = scene.lanes[index] ?? {};
  const isState = holds === 'state' || (holds === 'both' && column !== undefined);
  const isLeft = host === 'client';
  const place = column ?? 0;
  const several =
    scene.severalConnections && isState && id && connection !== undefined && place >= 0 ? `#${connection} ` : '';
  const room = Math.floor((lane.width - (isState ? 28 : 18)) / letter);
  const lines = isState || scale === 1 ? [text] : wrapWords(text, room);
  const beside = (several + note).trim();
  // How long a state lasted stands beneath its name, within its band.
  if (beside && lines.length === 1) {
    if ([...text].length + [...beside].length + 2 <= room) lines[0] = `${text}  ${beside}`;
    else lines.push(beside);
  }
  const isBeneath = isState && lines.length > 1;
  const words = lines.slice(0, 2).map((line) => cutTo(line, room));
  const length = Math.max(...words.map((line) => [...line].length)) * letter;
  let x = lane.x + (isState ? 20 : 10);
  if (isState && place >= 0 && id)
    x = Math.max(lane.x + 8, Math.min(bandPlace(host, place, scene, lanes).x + 7, lane.x + lane.width - 14 - length));
  const middle = label ?? y;
  const first = words.length === 1 || isBeneath ? middle + 4 : middle - 2.5;
  const hit = `<rect class="hit" x="${lane.x + 2}" y="${middle - 11}" width="${lane.width - 4}" height="${isBeneath && scale === 0 ? 34 : 22}" rx="4"/>`;
  const edge = isLeft ? lane.x + lane.width - 2 : lane.x + 2;
  if (label === null) return `${hit}<circle class="dot" cx="${edge}" cy="${y}" r="2"/>`;
  const leader =
    Math.abs(label - y) > 3
      ? `<path class="leader" d="M${edge} ${y}L${isLeft ? x + length + 3 : x - 3} ${label}"/>`
      : '';
  const shown = scale === 1 ? words.slice(0, 1) : words;
  return `${hit}${leader}${shown
    .map((line, nth) => {
      const [main, ...rest] = isState && nth === 0 ? line.split(/(?= {2})/) : [line];
      const kind = isBeneath && nth === 1 ? 'note' : 'label';
      return `<text x="${round(x)}" y="${first + nth * 13.5}"><tspan class="${kind}">${escapeText(main ?? '')}</tspan>${rest.length > 0 ? `<tspan class="note">${escapeText(rest.join(''))}</tspan>` : ''}</text>`;
    })
    .join('')}`;
};

const drawSample = ({ text, nth = 0 }: Item, lane: Lane, y: number, { letter }: View) => {
  const length = text.length * letter + 12;
  const x = lane.x + lane.width - 14 - length - nth * (length + 4);
  return `<rect class="hit tag" x="${round(x)}" y="${y + 4}" width="${round(length)}" height="16" rx="8"/><text x="${round(x + 6)}" y="${y + 16}">${text}</text>`;
};
