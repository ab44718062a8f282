// The connections that programs still had open when they ended, or were ended: who had which, since when, and what was unread.
import { farHost } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import { pairKey } from '../../timeline/connection-index.ts';
import type { CallEvent, Descriptor, Timeline } from '../../timeline/schema.ts';
import { painter } from './paint.ts';
import type { Screen } from './screen.ts';
import { listed, wrap } from './text.ts';
import { clockFor } from './units.ts';

/** One socket, and the descriptors by which processes had it at their end. */
type Left = { holders: [Descriptor, ...Descriptor[]]; row?: SocketRow | undefined; last?: CallEvent | undefined };

/** Each socket that lasted to the end of a process that had it, by connection. Undefined where no program was traced. */
export const leftOpen = ({ descriptors, samples, events, connections, duration }: Timeline): Left[] | undefined => {
  const own = descriptors?.filter(
    ({ connection, ended, until }) => connection !== undefined && (ended === 'exit' || until === undefined),
  );
  if (!own) return undefined;
  const bySocket = Map.groupBy(own, ({ host, connection }) => `${connection} ${host}`);
  return [...bySocket.values()]
    .map((holders): Left => {
      const [{ host, connection, until = duration }] = holders as [Descriptor];
      const ends = connections[connection as number];
      const key = ends && pairKey(ends[host], ends[farHost(ends, host)]);
      const looked = samples.findLast((one) => one.host === host && one.ok && one.end <= until);
      const last = events.findLast(
        (one): one is CallEvent =>
          one.kind === 'call' &&
          one.host === host &&
          one.connection === connection &&
          one.by === 'program' &&
          one.at <= until,
      );
      return {
        holders: holders as [Descriptor],
        row: looked?.rows.find(({ local, peer }) => pairKey(local, peer) === key),
        last,
      };
    })
    .sort((a, b) => (a.holders[0].connection ?? 0) - (b.holders[0].connection ?? 0));
};

/** More than these are counted. */
const most = 12;

export const drawLeftOpen = (timeline: Timeline, screen: Screen): string[] => {
  const all = leftOpen(timeline) ?? [];
  const paint = painter(screen.colour);
  const { unit, write } = clockFor(timeline.duration);
  const lines = all.slice(0, most).flatMap(({ holders, row, last }) => {
    const [{ host, connection }] = holders;
    const words = [
      row ? row.state : 'its state at the end nobody saw',
      `${listed(holders.map(({ process, pid, fd, from }) => `${process} (pid ${pid}, descriptor ${fd}) since ${write(from)} ${unit}`))}`,
      ...(row ? [unread(row)] : []),
      ...(last ? [`last call ${last.api}() at ${write(last.at)} ${unit}`] : []),
    ].join('; ');
    const [first = '', ...more] = wrap(words, Math.max(20, screen.width - indent));
    return [
      ` ${paint('plain', host.padEnd(8))}${`#${connection}`.padEnd(6)}${first}`,
      ...more.map((line) => `${' '.repeat(indent)}${line}`),
    ];
  });
  return all.length > most ? [...lines, ` and ${all.length - most} more`] : lines;
};

const indent = 15;

/** Recv-Q of ss: a FIN counts as one until the program has read the end of the stream. */
const unread = ({ recvQ, state }: SocketRow): string => {
  const bytes = (number: number) => `${number} byte${number === 1 ? '' : 's'}`;
  if (state !== 'CLOSE-WAIT') return recvQ === 0 ? 'all read' : `${bytes(recvQ)} unread`;
  return recvQ === 0 ? 'all read, to the end of the stream' : `${bytes(recvQ - 1)} and the end of the stream unread`;
};
