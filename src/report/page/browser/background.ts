// What the things of the sequence diagram stand upon: how long states last, spans without an event, times in the margin. Pure.
import type { Band, Fold, Scene } from '../shapes.ts';
import { bandPlace, type Lane } from './lanes.ts';
import { escapeText } from './text.ts';
import type { View } from './view.ts';

export const drawBand = (band: Band, scene: Scene, lanes: Lane[], { scale, from }: View) => {
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

export const drawFold = ({ top, bottom, words }: Fold, margin: number, { width }: View) => {
  const middle = (top + bottom) / 2;
  const wave = (y: number) => {
    let path = `M${margin - 4} ${y}`;
    for (let x = margin; x < width - 12; x += 12) path += 'q3 -4 6 0t6 0';
    return path;
  };
  return `<g class="fold"><rect x="${margin - 4}" y="${top + 5}" width="${width - margin - 4}" height="${bottom - top - 10}"/><path d="${wave(top + 5)}"/><path d="${wave(bottom - 5)}"/><text x="${(margin + width) / 2}" y="${middle + 4}" text-anchor="middle">${escapeText(words)}</text></g>`;
};

export const drawMargin = ({ y, ids, time, delta }: Scene['margin'][number], margin: number) => {
  const isNarrow = margin < 150;
  const at = y[0] + 4;
  return (
    `<g class="margin" aria-hidden="true"><text x="8" y="${at}" class="faint">${escapeText(isNarrow ? (ids.split(' ')[0] ?? '') : ids)}</text>` +
    `<text x="${isNarrow ? margin - 12 : 101}" y="${at}" text-anchor="end">${time}</text>` +
    `${isNarrow ? '' : `<text x="${margin - 10}" y="${at}" text-anchor="end" class="faint">${delta}</text>`}</g>`
  );
};

/** In true time the margin is a ruler: a moment's time stands where there is room. */
export const drawTicks = (scene: Scene, margin: number, from: number, to: number) => {
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
