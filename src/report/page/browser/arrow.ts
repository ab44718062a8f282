// Draws a segment as an arrow from when it was sent to when it arrived, was lost, or was still held. Pure.
import type { Item } from '../shapes.ts';
import type { Lane } from './lanes.ts';
import { cutTo, escapeText, round } from './text.ts';
import type { View } from './view.ts';

export const drawArrow = (
  { arrow, text, note = '' }: Item,
  { x, width }: Lane,
  y: number,
  label: number | null,
  { scale, letter }: View,
) => {
  if (!arrow) return '';
  const isRight = arrow.to === 'right';
  const left = x + 5;
  const right = x + width - 5;
  const [full, goal] = isRight ? [left, right] : [right, left];
  const end = arrow.y[scale];
  const part = (share: number) => ({ x: full + (goal - full) * share, y: y + (end - y) * share });
  const begin = arrow.made ? part(0.38) : part(0);
  const tip = arrow.end === 'whole' ? part(1) : part(arrow.end === 'lost' ? 0.62 : 0.5);
  const direction = Math.atan2(tip.y - begin.y, tip.x - begin.x);
  const head = (turn: number) =>
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

/** The note stands further from the sender than the label. */
const wrapNote = (text: string, note: string, isRight: boolean) => {
  const words = `<tspan class="label">${text}</tspan>`;
  if (!note.trim()) return words;
  return isRight
    ? `${words}<tspan class="note">${note}</tspan>`
    : `<tspan class="note">${note.trimStart()}  </tspan>${words}`;
};
