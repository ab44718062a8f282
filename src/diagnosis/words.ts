// Numbers and places in the sentences of diagnoses.
import { beforePort } from '../record/endpoint.ts';
import { type HostName, hostsIn } from '../record/hosts.ts';
import { baseOf, reasonOf } from '../report/words/asked.ts';
import type { CallEvent, Connection } from '../timeline/schema.ts';

/** `192.0.2.2:80`, `[2001:db8::2]:80`. */
export const placeOf = (address: string, port: number): string => `${beforePort(address)}:${port}`;

/** `1 byte`, `12 bytes`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** `connection #1`; beside a proxy with its leg, from whoever opened it: `connection #1 (proxy to server)`. */
export const connectionWords = (connection: Connection): string => {
  const [one, other] = hostsIn(connection) as [HostName, HostName];
  const [from, to] = connection.opener === other ? [other, one] : [one, other];
  return `connection #${connection.number}${connection.proxy ? ` (${from} to ${to})` : ''}`;
};

/** `end() at server.mjs:41`, `destroy() of Node’s own (keepAliveTimeout, …)`; nothing where nobody noted it. */
export const askedWords = (call: CallEvent | undefined): string | undefined => {
  if (!call?.asked) return undefined;
  const { asked, source } = call;
  return source
    ? `${asked.api}() at ${baseOf(source.file)}:${source.line}`
    : `${asked.api}() of Node’s own (${reasonOf(asked.by)})`;
};

/** The same with ` by ` before it. */
export const askedAt = (call: CallEvent | undefined): string => {
  const words = askedWords(call);
  return words === undefined ? '' : ` by ${words}`;
};
