// What waits in a socket's queues when a step is over: bytes nobody has read, bytes nobody has acknowledged, connections nobody has accepted.
import type { HostName, SocketRow, Timeline } from '../timeline/schema.ts';

export type QueueNote = { step: number; host: HostName; words: string };

/** One note for each change of a queue between the ends of two steps. `Recv-Q` counts a FIN as one byte, as ss does. */
export const queueNotes = ({ samples, connections }: Timeline): QueueNote[] => {
  const shown = new Map<string, string>();
  return samples.flatMap(({ host, reason, ok, rows }) => {
    const [, step] = /^step (\d+)$/.exec(reason) ?? [];
    if (!step || !ok) return [];
    return rows.flatMap((row) => {
      const key = `${host} ${row.local.port} ${row.peer.port}`;
      const words = queueWords(row);
      const before = shown.get(key) ?? '';
      shown.set(key, words);
      if (words === before) return [];
      const connection = connections.length > 1 ? numberOf(row, connections) : '';
      return [{ step: Number(step), host, words: connection + (words || 'queues empty') }];
    });
  });
};

const queueWords = ({ state, recvQ, sendQ }: SocketRow): string => {
  // For a listener ss shows the length of the accept queue and its limit.
  if (state === 'LISTEN') return recvQ > 0 ? `accept queue ${recvQ}` : '';
  return [recvQ > 0 ? `Recv-Q ${recvQ}` : '', sendQ > 0 ? `Send-Q ${sendQ}` : ''].filter(Boolean).join(' ');
};

const numberOf = ({ local, peer }: SocketRow, connections: Timeline['connections']): string => {
  const found = connections.findLast(
    ({ client, server }) =>
      [client.port, server.port].includes(local.port) && [client.port, server.port].includes(peer.port),
  );
  return found ? `#${found.number} ` : '';
};
