// What waits in a socket's queues once the wire is quiet: bytes nobody has read or acknowledged, connections nobody has accepted.
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import type { Timeline } from '../../timeline/schema.ts';

export type QueueNote = { at: number; host: HostName; connection?: number; words: string };

/** One note whenever a queue has come to hold something else. `Recv-Q` counts a FIN as one byte, as ss does. */
export const queueNotes = ({ samples, connections }: Timeline): QueueNote[] => {
  const shown = new Map<string, string>();
  return samples.flatMap(({ host, begin, reason, ok, rows }) => {
    // Around a frame the queues are on the move, and what they hold is a matter of luck.
    if (!ok || / frame \d+$/.test(reason)) return [];
    return rows.flatMap((row) => {
      const key = `${host} ${row.local.port} ${row.peer.port}`;
      const words = queueWords(row);
      const before = shown.get(key) ?? '';
      shown.set(key, words);
      return words === '' || words === before
        ? []
        : [{ at: begin, host, connection: connectionOf(row, connections), words }];
    });
  });
};

const queueWords = ({ state, recvQ, sendQ }: SocketRow): string => {
  // For a listener ss shows the length of the accept queue and its limit.
  if (state === 'LISTEN') return recvQ > 0 ? `accept queue ${recvQ}` : '';
  return [recvQ > 0 ? `Recv-Q ${recvQ}` : '', sendQ > 0 ? `Send-Q ${sendQ}` : ''].filter(Boolean).join(' ');
};

const connectionOf = ({ local, peer }: SocketRow, connections: Timeline['connections']): number | undefined =>
  connections.findLast((one) => {
    const ports = hostsIn(one).map((host) => one[host].port);
    return ports.includes(local.port) && ports.includes(peer.port);
  })?.number;
