// The diagram on the screen: only the stretch that can be seen is drawn, so that ten thousand segments scroll as a hundred do.
import type { Item } from '../shapes.ts';
import { drawDiagram } from './diagram.ts';
import { element } from './elements.ts';
import { lanesIn, leastWidth } from './lanes.ts';
import { chosen, effects, events, items, lineOf, lit, onChoice, order, positions, run } from './run.ts';

const pane = element('#pane', HTMLElement);
const canvas = element('#canvas', HTMLElement);
const laneRow = element('#lanes', HTMLElement);
const beyond = 700;
let scale: 0 | 1 = 0;
let letter = 7.23;
let isPrinting = false;
/** What is drawn now. */
let drawn = { from: 0, to: -1, width: 0 };

export const currentScale = () => scale;

/** Draw again if what is drawn does not cover what is seen, or `always`. */
export const draw = (always = false) => {
  if (isPrinting) return;
  const width = Math.max(leastWidth(run.scene), Math.floor(pane.clientWidth));
  const { from, to } = visible();
  if (!always && width === drawn.width && from >= drawn.from && to <= drawn.to) return;
  const height = run.scene.height[scale];
  drawn = { from: Math.max(0, Math.floor(from - beyond)), to: Math.min(height, Math.ceil(to + beyond)), width };
  if (drawn.from === 0 && from < 5) drawn.from = -1;
  canvas.style.height = `${height}px`;
  canvas.style.width = `${width}px`;
  canvas.innerHTML = picture(Math.max(0, drawn.from), drawn.to, width);
  place(canvas);
  drawLaneNames(width);
};

const picture = (from: number, to: number, width: number) => {
  const view = { width, scale, from, to, letter, classesOf: classesNow(), attributesOf, titleOf: titlesNow() };
  return `<svg role="presentation" width="${width}" height="${to - from}" viewBox="0 ${from} ${width} ${to - from}" data-top="${from}">${drawDiagram(run.scene, view)}</svg>`;
};

/** Classes by the selection: chosen, its cause and what it caused; lit or dimmed by a finding. */
const classesNow = () => {
  const shining = lit();
  const event = events.get(chosen.item);
  const cause = event?.cause && 'event' in event.cause ? event.cause.event : '';
  const caused = new Set((effects.get(chosen.item) ?? []).map(({ id }) => id));
  return (id: string) => {
    const classes: string[] = [];
    if (shining.size > 0) classes.push(shining.has(id) ? 'lit' : 'dim');
    if (id === chosen.item) classes.push('chosen');
    else if (id === cause) classes.push('cause');
    else if (caused.has(id)) classes.push('effect');
    return classes.join(' ');
  };
};

const attributesOf = (item: Item) =>
  ` role="option" id="${item.id}-option" aria-selected="${item.id === chosen.item}" aria-setsize="${order.length}" aria-posinset="${positions.get(item.id)}"`;

/** What an item is called, and that it is lit. */
const titlesNow = () => {
  const shining = lit();
  const why = chosen.finding ? `, evidence of ${chosen.finding}` : ', found';
  return ({ id }: Item) => {
    const event = events.get(id);
    return `${id} ${event ? lineOf(event) : 'sample of ss'}${shining.has(id) ? why : ''}`;
  };
};

const drawLaneNames = (width: number) => {
  const { margin, lanes } = lanesIn(width, run.scene);
  laneRow.style.width = `${width}px`;
  laneRow.innerHTML = `<span class="unit" data-width="${margin - 10}"><i>${scale === 0 && margin > 120 ? 'event' : ''}</i><b>${run.scene.unit}</b></span>${lanes
    .map(
      ({ x, width: room }, index) =>
        `<span data-left="${x}" data-width="${room}" class="lane-${run.scene.lanes[index]?.kind}">${run.scene.lanes[index]?.title}</span>`,
    )
    .join('')}`;
  place(laneRow);
};

/** Put what was drawn where its data say. The page's policy allows no style in markup. */
const place = (drawing: HTMLElement) => {
  for (const one of drawing.children)
    if (one instanceof HTMLElement || one instanceof SVGElement)
      for (const side of ['top', 'left', 'width'] as const)
        if (one.dataset[side] !== undefined) one.style[side] = `${one.dataset[side]}px`;
};

/** What can be seen of the canvas, in its own pixels. */
const visible = () => {
  const { top } = canvas.getBoundingClientRect();
  const outer = pane.getBoundingClientRect();
  return {
    from: Math.max(0, Math.max(outer.top, 0) - top),
    to: Math.min(run.scene.height[scale], Math.max(0, Math.min(outer.bottom, innerHeight) - top)),
  };
};

export const setScale = (next: 0 | 1) => {
  if (next === scale) return;
  // What stands at the top stays there.
  const { from } = visible();
  const anchor = chosen.item || order.find((id) => (items.get(id)?.y[scale] ?? 0) >= from) || '';
  const offset = (items.get(anchor)?.y[scale] ?? 0) - from;
  scale = next;
  canvas.style.height = `${run.scene.height[scale]}px`;
  scrollBy((items.get(anchor)?.y[scale] ?? 0) - offset);
  draw(true);
};

/** Bring a height of the canvas to the top of what is seen. */
const scrollBy = (y: number) => {
  if (scrollsItself()) pane.scrollTop = y;
  else window.scrollTo({ top: window.scrollY + canvas.getBoundingClientRect().top + y - 60 });
};

const scrollsItself = () => getComputedStyle(pane).overflowY === 'auto' && pane.scrollHeight > pane.clientHeight + 1;

const reveal = (id: string) => {
  const item = items.get(id);
  if (!item) return;
  const y = item.y[scale];
  const { from, to } = visible();
  const room = to - from;
  if (room > 120 && y > from + 50 && y < to - (scrollsItself() ? 50 : innerHeight * 0.5)) return;
  const height = scrollsItself() ? pane.clientHeight : innerHeight;
  scrollBy(Math.max(0, y - height * (scrollsItself() ? 0.35 : 0.2)));
};

const followChoice = (scroll: boolean) => {
  const [first] = lit();
  if (scroll) {
    const target = chosen.item || (chosen.finding ? first : '');
    if (target) reveal(target);
  }
  if (chosen.item) canvas.setAttribute('aria-activedescendant', `${chosen.item}-option`);
  else canvas.removeAttribute('aria-activedescendant');
  draw(true);
};

/** In print nothing scrolls: the whole is drawn, in pieces no higher than a page. */
const drawForPrint = () => {
  isPrinting = true;
  const pieces: string[] = [];
  const height = run.scene.height[scale];
  const most = 60_000;
  const borders = run.scene.margin.map(({ y }) => y[scale] - 15);
  let from = 0;
  while (from < Math.min(height, most)) {
    const limit = from + 1000;
    const to =
      limit >= height ? height : (borders.findLast((border) => border <= limit && border > from + 400) ?? limit);
    pieces.push(picture(from, to, 1000));
    from = to;
  }
  canvas.innerHTML = pieces.join('') + (height > most ? `<p>The rest of this long run is not printed.</p>` : '');
  place(canvas);
  drawLaneNames(1000);
  drawn = { from: 0, to: -1, width: 0 };
};

/** Start drawing. The diagram follows a choice last, when what stands above it has its new height. */
export const openCanvas = () => {
  const ruler = document.createElement('canvas').getContext('2d');
  if (ruler) {
    ruler.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    letter = ruler.measureText('0000000000').width / 10;
  }
  pane.addEventListener('scroll', () => draw(), { passive: true });
  addEventListener('scroll', () => draw(), { passive: true });
  new ResizeObserver(() => draw()).observe(pane);
  addEventListener('resize', () => draw());
  addEventListener('beforeprint', drawForPrint);
  addEventListener('afterprint', () => {
    isPrinting = false;
    draw(true);
  });
  onChoice(followChoice);
  draw(true);
};
