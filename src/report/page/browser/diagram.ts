// Draws a stretch of the sequence diagram as SVG. Pure, so that the page draws what is on the screen with it and
// `finwait export` the whole.
import type { Scene } from '../shapes.ts';
import { drawBand, drawFold, drawMargin, drawTicks } from './background.ts';
import { drawItem } from './item.ts';
import { lanesIn } from './lanes.ts';
import type { View } from './view.ts';

/** The SVG elements between `from` and `to`. */
export const drawDiagram = (scene: Scene, view: View): string => {
  const { margin, lanes } = lanesIn(view.width, scene);
  const { scale, from, to } = view;
  const isIn = (top: number, bottom: number) => bottom >= from && top <= to;
  const parts: string[] = [];

  for (const { x, width } of lanes.slice(0, -1))
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
