// Which hosts have a connection at a point of the timeline: a line runs down their state lane for as long as it lasts.
import { type HostName, perHost } from '../../record/hosts.ts';
import type { StateEvent } from '../../timeline/schema.ts';

export type Alive = Record<HostName, boolean>;

/** Follows the state changes given to `take`, and says which host has a socket that is neither CLOSED nor LISTEN. */
export const followLifelines = () => {
  const open = perHost(() => new Set<number>());
  return {
    take: ({ host, socket, to }: StateEvent) => {
      if (to === 'CLOSED' || to === 'LISTEN') open[host].delete(socket);
      else open[host].add(socket);
    },
    alive: (): Alive => perHost((host) => open[host].size > 0),
  };
};
