// Where the lanes of the diagram lie, and the bands within a state lane. Pure.
import type { HostName } from '../../../record/hosts.ts';
import type { Scene, SceneLane } from '../shapes.ts';

export type Lane = { x: number; width: number };

/** Narrower than this the lanes are not drawn: what holds them scrolls. */
export const leastWidth = ({ lanes }: Scene): number => (lanes.length > 5 ? 1020 : 700);

/** Where each lane begins and how wide it is. Those of calls take what the others leave. */
export const lanesIn = (width: number, { lanes: shapes }: Scene): { margin: number; lanes: Lane[] } => {
  const margin = width < 820 ? 104 : 160;
  const rest = width - margin - 8;
  const share = (least: number, most: number, part: number) => Math.max(least, Math.min(most, Math.round(rest * part)));
  const widths: Partial<Record<SceneLane['kind'], number>> =
    shapes.length > 5
      ? { state: share(104, 150, 0.1), wire: share(186, 340, 0.19), both: share(130, 220, 0.14) }
      : { state: share(116, 176, 0.15), wire: share(190, 480, 0.31) };
  const taken = shapes.reduce((sum, { kind }) => sum + (widths[kind] ?? 0), 0);
  const calls = Math.max(60, Math.floor((rest - taken) / 2));
  let x = margin;
  const lanes = shapes.map(({ kind }) => {
    const lane = { x, width: widths[kind] ?? calls };
    x += lane.width;
    return lane;
  });
  return { margin, lanes };
};

/** Listeners are a thin bar at the outer edge; sockets share the rest of the lane. */
export const bandPlace = (host: HostName, column: number, scene: Scene, lanes: Lane[]) => {
  const states = scene.lanes.findIndex((one) => one.host === host && one.kind !== 'calls');
  const lane = lanes[states] ?? { x: 0, width: 0 };
  if (column < 0) {
    const offset = 3 + (-1 - column) * 6;
    return { x: host !== 'server' ? lane.x + offset : lane.x + lane.width - offset - 4, width: 4 };
  }
  const count = scene.columns[host];
  const room = lane.width - 24;
  const each = room / count;
  return { x: lane.x + 12 + column * each, width: Math.max(3, each - (count > 1 ? 3 : 0)) };
};
