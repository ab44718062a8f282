// What programs have read, whichever way they read: recv() of a raw process, 'data' of a Node socket.
import type { HostName } from '../record/hosts.ts';
import type { Part } from './part.ts';

/** `bytes` 0 is the end of the stream. `text` is cut after 200 characters. */
export type Read = { id: string; at: number; connection?: number; bytes: number; text: string };

/** In the order in which they came back. A recv() that failed has read nothing and is left out. */
export const readsIn = (part: Part, host: HostName, process?: string): Read[] => {
  const isMeant = (event: { process: string }) => process === undefined || event.process === process;
  const emitted = part
    .ofKind('emit', host)
    .filter((event) => event.name === 'data' && isMeant(event))
    .map(({ id, at, connection, bytes = 0, text = '' }) => ({ id, at, connection, bytes, text }));
  const received = part
    .ofKind('call', host)
    .filter((event) => event.api === 'recv' && isMeant(event))
    .flatMap(({ id, connection, returned }) => {
      if (!returned || returned.errno !== undefined) return [];
      const { bytes = 0, text = '' } = returned.value as { bytes?: number; text?: string };
      return [{ id, at: returned.at, connection, bytes, text }];
    });
  return [...emitted, ...received].sort((a, b) => a.at - b.at);
};
