// The last row: which connections are still there when the recording ends, which no event tells.
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { type Cell, type Row, stateLane } from './row.ts';

/** Undefined when nothing is left. */
export const endingRow = ({ events, duration, capture }: Timeline): Row | undefined => {
  const last = new Map(
    events.flatMap((event) => (event.kind === 'state' ? [[`${event.host} ${event.socket}`, event] as const] : [])),
  );
  const cellOf = (host: HostName): Cell | undefined => {
    const states = [...last.values()].filter((event) => event.host === host).map(({ to }) => to);
    const open = states.filter((state) => state !== 'CLOSED' && state !== 'LISTEN');
    const words = [...new Set(open)].map((state) => {
      const count = open.filter((other) => other === state).length;
      return count > 1 ? `${count} in ${state}` : state;
    });
    return words.length > 0 ? { text: words.join(', '), style: 'state', notes: ['at the end'] } : undefined;
  };
  const cells: Row['cells'] = {};
  for (const host of hostsIn(capture)) {
    const cell = cellOf(host);
    if (cell) cells[stateLane[host]] = cell;
  }
  if (Object.keys(cells).length === 0) return undefined;
  return { at: duration, step: Number.POSITIVE_INFINITY, events: [], cells };
};
