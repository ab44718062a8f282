// Where the lanes of the diagram lie, and the bands within a state lane. Pure.
import type { HostName } from '../../../record/hosts.ts';
import type { Scene } from '../shapes.ts';

export const laneNames = ['client calls', 'client state', 'wire', 'server state', 'server calls'];

export type Lane = { x: number; width: number };

/** Where each lane begins and how wide it is. */
export const lanesIn = (width: number): { margin: number; lanes: Lane[] } => {
  const margin = width < 820 ? 104 : 160;
  const rest = width - margin - 8;
  const state = Math.max(116, Math.min(176, Math.round(rest * 0.15)));
  const wire = Math.max(190, Math.min(480, Math.round(rest * 0.31)));
  const calls = Math.max(60, Math.floor((rest - 2 * state - wire) / 2));
  let x = margin;
  const lanes = [calls, state, wire, state, calls].map((each) => {
    const lane = { x, width: each };
    x += each;
    return lane;
  });
  return { margin, lanes };
};

/** Listeners are a thin bar at the outer edge; sockets share the rest of the lane. */
export const bandPlace = (host: HostName, column: number, scene: Scene, lanes: Lane[]) => {
  const lane = lanes[host === 'client' ? 1 : 3] ?? { x: 0, width: 0 };
  if (column < 0) {
    const offset = 3 + (-1 - column) * 6;
    return { x: host === 'client' ? lane.x + offset : lane.x + lane.width - offset - 4, width: 4 };
  }
  const count = scene.columns[host];
  const room = lane.width - 24;
  const each = room / count;
  return { x: lane.x + 12 + column * each, width: Math.max(3, each - (count > 1 ? 3 : 0)) };
};
