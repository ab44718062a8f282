// Draws a stretch of the sequence diagram as SVG. Pure, so that the page draws what is on the screen with it and
// `finwait export` the whole.
/** @import { Band, Item, Scene } from '../shapes.ts' */
import { bandPlace, lanesIn } from './lanes.js';
import { cutTo, escapeText, wrapWords } from './text.js';

/**
 * @typedef {object} View
 * @property {number} width pixels
 * @property {0 | 1} scale readable or true time
 * @property {number} from pixels from the top: what lies above is not drawn
 * @property {number} to
 * @property {number} letter width of a letter of the diagram's font, in pixels
 * @property {(id: string) => string} classesOf further classes of an item
 * @property {(item: Item) => string} attributesOf further attributes of an item
 * @property {(item: Item) => string} titleOf what an item is, in a sentence: its name for a screen reader, and what
 * hovering shows
 */

/**
 * The SVG elements between `from` and `to`.
 * @param {Scene} scene
 * @param {View} view
 * @returns {string}
 */
export const drawDiagram = (scene, view) => {
  const { margin, lanes } = lanesIn(view.width);
  const { scale, from, to } = view;
  const isIn = (/** @type {number} */ top, /** @type {number} */ bottom) => bottom >= from && top <= to;
  const parts = [];

  for (const { x, width } of lanes.slice(0, 4))
    parts.push(`<path class="rail" d="M${x + width} ${Math.max(0, from)}V${Math.min(scene.height[scale], to)}"/>`);
  for (const band of scene.bands)
    if (isIn(band.top[scale], band.bottom[scale])) parts.push(drawBand(band, scene, lanes, view));
  for (const fold of scene.folds[scale]) if (isIn(fold.top, fold.bottom)) parts.push(drawFold(fold, margin, view));
  if (scale === 0)
    for (const line of scene.margin) if (isIn(line.y[0] - 20, line.y[0] + 20)) parts.push(drawMargin(line, margin));
  if (scale === 1) parts.push(drawTicks(scene, margin, from, to));
  for (const item of scene.items) {
    const top = Math.min(item.y[scale], item.arrow?.y[scale] ?? Number.POSITIVE_INFINITY) - 30;
    const bottom = Math.max(item.y[scale], item.arrow?.y[scale] ?? 0, (scale && item.label) || 0) + 30;
    if (isIn(top, bottom)) parts.push(drawItem(item, scene, lanes, view));
  }
  return parts.join('');
};

/**
 * @param {Band} band
 * @param {Scene} scene
 * @param {{ x: number, width: number }[]} lanes
 * @param {View} view
 */
const drawBand = (band, scene, lanes, { scale, from }) => {
  const { x, width } = bandPlace(band.host, band.column, scene, lanes);
  const top = Math.max(band.top[scale] - 10, from - 40);
  const bottom = Math.max(band.bottom[scale] - 11, band.top[scale] - 8);
  const rounded = band.column < 0 ? 2 : 4;
  return `<g class="band s-${band.state}" aria-hidden="true"><rect x="${x}" y="${top}" width="${width}" height="${Math.max(2, bottom - top)}" rx="${rounded}"/>${
    band.column < 0
      ? ''
      : `<rect class="edge" x="${x}" y="${top}" width="3" height="${Math.max(2, bottom - top)}" rx="1.5"/>`
  }</g>`;
};

/**
 * @param {{ top: number, bottom: number, words: string }} fold
 * @param {number} margin
 * @param {View} view
 */
const drawFold = ({ top, bottom, words }, margin, { width }) => {
  const middle = (top + bottom) / 2;
  const wave = (/** @type {number} */ y) => {
    let path = `M${margin - 4} ${y}`;
    for (let x = margin; x < width - 12; x += 12) path += 'q3 -4 6 0t6 0';
    return path;
  };
  return `<g class="fold"><rect x="${margin - 4}" y="${top + 5}" width="${width - margin - 4}" height="${bottom - top - 10}"/><path d="${wave(top + 5)}"/><path d="${wave(bottom - 5)}"/><text x="${(margin + width) / 2}" y="${middle + 4}" text-anchor="middle">${escapeText(words)}</text></g>`;
};

/**
 * @param {Scene['margin'][number]} line
 * @param {number} margin
 */
const drawMargin = ({ y, ids, time, delta }, margin) => {
  const isNarrow = margin < 150;
  const at = y[0] + 4;
  return (
    `<g class="margin" aria-hidden="true"><text x="8" y="${at}" class="faint">${escapeText(isNarrow ? (ids.split(' ')[0] ?? '') : ids)}</text>` +
    `<text x="${isNarrow ? margin - 12 : 101}" y="${at}" text-anchor="end">${time}</text>` +
    `${isNarrow ? '' : `<text x="${margin - 10}" y="${at}" text-anchor="end" class="faint">${delta}</text>`}</g>`
  );
};

/**
 * In true time the margin is a ruler: a moment's time stands where there is room.
 * @param {Scene} scene
 * @param {number} margin
 * @param {number} from
 * @param {number} to
 */
const drawTicks = (scene, margin, from, to) => {
  let last = -100;
  let drawn = '';
  for (const { y, time } of scene.margin) {
    const at = y[1];
    if (at - last < 15) continue;
    last = at;
    if (at > from - 20 && at < to + 20)
      drawn += `<text x="${margin - 18}" y="${at + 4}" text-anchor="end">${time}</text><path d="M${margin - 12} ${at}h8"/>`;
  }
  return `<g class="margin ticks" aria-hidden="true">${drawn}</g>`;
};

/**
 * @param {Item} item
 * @param {Scene} scene
 * @param {{ x: number, width: number }[]} lanes
 * @param {View} view
 */
const drawItem = (item, scene, lanes, view) => {
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

/**
 * @param {Item} item
 * @param {{ x: number, width: number }} lane
 * @param {number} y
 * @param {View} view
 */
const drawAcross = ({ text, style }, { x, width }, y, { letter }) => {
  const words = cutTo(text, Math.floor((width - 30) / letter));
  const length = [...words].length * letter;
  const hit = `<rect class="hit" x="${x + 2}" y="${y - 11}" width="${width - 4}" height="22" rx="4"/>`;
  if (style === 'wire') {
    const middle = x + width / 2;
    return `${hit}<path class="across" d="M${x + 6} ${y}H${middle - length / 2 - 8}M${middle + length / 2 + 8} ${y}H${x + width - 6}"/><text x="${middle}" y="${y + 4}" text-anchor="middle">${escapeText(words)}</text>`;
  }
  return `${hit}<text x="${x + 8}" y="${y + 4}">${escapeText(words)}</text>${style === 'stage' ? `<path class="across" d="M${x + length * 1.06 + 20} ${y}H${x + width - 6}"/>` : ''}`;
};

/**
 * @param {Item} item
 * @param {{ x: number, width: number }} lane
 * @param {number} y
 * @param {number | null} label
 * @param {View} view
 */
const drawArrow = ({ arrow, text, note = '' }, { x, width }, y, label, { scale, letter }) => {
  if (!arrow) return '';
  const isRight = arrow.to === 'right';
  const left = x + 5;
  const right = x + width - 5;
  const [full, goal] = isRight ? [left, right] : [right, left];
  const end = arrow.y[scale];
  const part = (/** @type {number} */ share) => ({ x: full + (goal - full) * share, y: y + (end - y) * share });
  const begin = arrow.made ? part(0.38) : part(0);
  const tip = arrow.end === 'whole' ? part(1) : part(arrow.end === 'lost' ? 0.62 : 0.5);
  const direction = Math.atan2(tip.y - begin.y, tip.x - begin.x);
  const head = (/** @type {number} */ turn) =>
    `${round(tip.x - 9 * Math.cos(direction + turn))} ${round(tip.y - 9 * Math.sin(direction + turn))}`;
  const ending =
    arrow.end === 'whole'
      ? `<path class="head" d="M${round(tip.x)} ${round(tip.y)}L${head(0.42)}L${head(-0.42)}Z"/>`
      : arrow.end === 'lost'
        ? `<path class="cross" d="M${round(tip.x - 5)} ${round(tip.y - 5)}l10 10m0 -10l-10 10"/>`
        : `<path class="cross" d="M${round(tip.x)} ${round(tip.y - 7)}v14"/>`;
  const maker = arrow.made ? `<path class="made" d="M${round(begin.x)} ${round(begin.y - 5)}l5 5l-5 5l-5 -5Z"/>` : '';
  const room = Math.floor((width - 22) / letter) - (arrow.made ? Math.floor((width * 0.38) / letter) : 0);
  const short = cutTo(text, room);
  const beside = note ? cutTo(`  ${note}`, room - [...short].length) : '';
  const anchor = isRight
    ? `x="${round(begin.x + (arrow.made ? 9 : 3))}"`
    : `x="${round(begin.x - (arrow.made ? 9 : 3))}" text-anchor="end"`;
  const words =
    label === null
      ? ''
      : `<text ${anchor} y="${round(label - 4)}">${wrapNote(escapeText(short), escapeText(beside), isRight)}</text>`;
  const top = Math.min(y, end);
  // A steep one is not boxed in: its box would cover half of the diagram.
  const hit =
    scale === 1 || Math.abs(end - y) > 40
      ? `<path class="hit along" d="M${round(begin.x)} ${round(begin.y)}L${round(tip.x)} ${round(tip.y)}"/>`
      : `<rect class="hit" x="${x + 2}" y="${round(top - 16)}" width="${width - 4}" height="${round(Math.abs(end - y) + 22)}" rx="4"/>`;
  return `${hit}<path class="line" d="M${round(begin.x)} ${round(begin.y)}L${round(tip.x)} ${round(tip.y)}"/>${maker}${ending}${words}`;
};

/**
 * The note stands further from the sender than the label.
 * @param {string} text
 * @param {string} note
 * @param {boolean} isRight
 */
const wrapNote = (text, note, isRight) => {
  const words = `<tspan class="label">${text}</tspan>`;
  if (!note.trim()) return words;
  return isRight
    ? `${words}<tspan class="note">${note}</tspan>`
    : `<tspan class="note">${note.trimStart()}  </tspan>${words}`;
};

/**
 * Words of a call or of a state.
 * @param {Item} item
 * @param {Scene} scene
 * @param {{ x: number, width: number }[]} lanes
 * @param {{ x: number, width: number }} lane
 * @param {number} y
 * @param {number | null} label
 * @param {View} view
 */
const drawWords = (
  { lane: index, text, note = '', column = 0, connection, id },
  scene,
  lanes,
  lane,
  y,
  label,
  { letter, scale },
) => {
  const isState = index === 1 || index === 3;
  const isLeft = index < 2;
  const host = isLeft ? 'client' : 'server';
  const several =
    scene.severalConnections && isState && id && connection !== undefined && column >= 0 ? `#${connection} ` : '';
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
  if (isState && column >= 0 && id)
    x = Math.max(lane.x + 8, Math.min(bandPlace(host, column, scene, lanes).x + 7, lane.x + lane.width - 14 - length));
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

/**
 * @param {Item} item
 * @param {{ x: number, width: number }} lane
 * @param {number} y
 * @param {View} view
 */
const drawSample = ({ text, nth = 0 }, lane, y, { letter }) => {
  const length = text.length * letter + 12;
  const x = lane.x + lane.width - 14 - length - nth * (length + 4);
  return `<rect class="hit tag" x="${round(x)}" y="${y + 4}" width="${round(length)}" height="16" rx="8"/><text x="${round(x + 6)}" y="${y + 16}">${text}</text>`;
};

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;
