// The stay of each socket in each state, as a band down its host's lane. Sockets that live at the same time stand side by side.

import { perHost } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { Connection, StateEvent, Timeline } from '../../timeline/schema.ts';
import { stayWords } from '../words/when.ts';
import type { Band, Height, Item } from './shapes.ts';

/** More would be too narrow to tell apart. */
const mostColumns = 6;

/** The bands, and how many columns each host needs. Gives the state items the column of their socket. */
export const bandsOf = ({ events, connections }: Timeline, items: Item[], end: Height) => {
  const itemOf = new Map(items.map((item) => [item.id, item]));
  const sockets = Map.groupBy(
    events.filter((event) => event.kind === 'state'),
    ({ host, socket }) => `${host} ${socket}`,
  );
  const taken = perHost((): number[] => []);
  const listeners = perHost(() => 0);
  const bands: Band[] = [];
  let left = 0;

  for (const changes of sockets.values()) {
    const [first] = changes as [StateEvent];
    const { host } = first;
    const last = itemAt(changes, changes.length - 1);
    const ends = last.to === 'CLOSED' ? last.at : Number.POSITIVE_INFINITY;
    const isListener = first.to === 'LISTEN';
    const column = isListener ? -1 - listeners[host]++ : freeColumn(taken[host], first.at);
    if (column >= mostColumns) {
      left++;
      continue;
    }
    if (!isListener) taken[host][column] = ends;
    for (const [index, change] of changes.entries()) {
      const item = itemOf.get(change.id);
      if (!item) continue;
      item.column = column;
      if (change.to === 'CLOSED') continue;
      const next = itemOf.get(changes[index + 1]?.id ?? '');
      bands.push({
        id: change.id,
        host,
        state: change.to,
        column,
        top: item.y,
        bottom: next?.y ?? end,
        name: nameOf(change.connection, connections),
        stay: stayWords(change) ?? 'at the end',
      });
    }
  }
  const columns = perHost((host) => Math.max(1, taken[host].length));
  const omitted =
    left > 0
      ? [`the state bands of ${left} sockets that live beside ${mostColumns} others; their state changes are shown`]
      : [];
  return { bands, columns, omitted };
};

/** The first column whose socket has gone. */
const freeColumn = (ends: number[], at: number): number => {
  const free = ends.findIndex((end) => end <= at);
  return free === -1 ? ends.length : free;
};

/** `#1` before what belongs to a connection, where there are several. */
const nameOf = (connection: number | undefined, connections: Connection[]): string =>
  connection === undefined || connections.length < 2 ? '' : `#${connection}`;
