// What programs have read, whichever way they read: recv() and read() of a raw process, 'data' of a Node socket.
import { numberIn, textIn } from '../../record/fields.ts';
import type { HostName } from '../../record/hosts.ts';
import type { CallEvent } from '../../timeline/schema.ts';
import type { Part } from './part.ts';

/** `bytes` 0 is the end of the stream. `text` is cut after 200 characters. */
export type Read = {
  id: string;
  at: number;
  connection?: number;
  bytes: number;
  text: string;
  /** The kernel threw them away, as MSG_TRUNC asks. */
  isThrownAway?: true;
};

/**
 * In the order in which they came back. Left out are a recv() that failed, which has read nothing, and one with
 * MSG_PEEK, which leaves what it shows in the queue (recv(2)). With MSG_TRUNC the bytes are taken out of it and thrown
 * away: they count, and have no text (tcp(7)).
 */
export const readsIn = (part: Part, host: HostName, process?: string): Read[] => {
  const isMeant = (event: { process: string }) => process === undefined || event.process === process;
  const emitted = part
    .ofKind('emit', host)
    .filter((event) => event.name === 'data' && isMeant(event))
    .map(({ id, at, connection, bytes = 0, text = '' }) => ({ id, at, connection, bytes, text }));
  const received = part
    .returned(host)
    .filter((event) => (event.api === 'recv' || event.api === 'read') && isMeant(event) && !hasFlag(event, 'MSG_PEEK'))
    .flatMap((event) => {
      const { id, connection, returned } = event;
      if (!returned || returned.errno !== undefined) return [];
      const read = { id, at: returned.at, connection, bytes: numberIn(returned.value, 'bytes') ?? 0 };
      if (hasFlag(event, 'MSG_TRUNC')) return [{ ...read, text: '', isThrownAway: true as const }];
      return [{ ...read, text: textIn(returned.value, 'text') ?? '' }];
    });
  return [...emitted, ...received].sort((a, b) => a.at - b.at);
};

/** recv(descriptor, bytes, flags): their names in a list, or joined by `|`. */
const hasFlag = ({ args }: CallEvent, flag: 'MSG_PEEK' | 'MSG_TRUNC'): boolean =>
  [args[2] ?? []].flat().join('|').split('|').includes(flag);
