// Which connection an address pair means at a given time: a four-tuple may be used again.

import type { Endpoint } from '../record/endpoint.ts';
import type { HostName } from '../record/hosts.ts';
import type { Connection } from './schema.ts';
import { lastAtOrBefore } from './search.ts';

export type ConnectionIndex = {
  /** The latest connection between these endpoints begun by `at` (ns since the start of the run), else the first one. */
  find(host: HostName, local: Endpoint, remote: Endpoint, at: number): Connection | undefined;
  /** All connections between these endpoints begun by `at`, in order. */
  begun(host: HostName, local: Endpoint, remote: Endpoint, at: number): Connection[];
  /** The connection that used the same endpoints next. */
  next(connection: Connection): Connection | undefined;
};

/** `isReal` tells a connection some host took part in from one that consists of segments the wire made up. */
export const indexConnections = (
  connections: Connection[],
  isReal: (connection: Connection) => boolean,
): ConnectionIndex => {
  const byTuple = Map.groupBy(connections.filter(isReal), ({ client, server }) => pairKey(client, server));
  for (const list of byTuple.values()) list.sort((a, b) => a.begin - b.begin);
  const between = (host: HostName, local: Endpoint, remote: Endpoint) =>
    byTuple.get(host === 'client' ? pairKey(local, remote) : pairKey(remote, local)) ?? [];
  return {
    find: (host, local, remote, at) => {
      const list = between(host, local, remote);
      return lastAtOrBefore(list, at, ({ begin }) => begin) ?? list[0];
    },
    begun: (host, local, remote, at) => between(host, local, remote).filter(({ begin }) => begin <= at),
    next: (connection) => {
      const list = byTuple.get(pairKey(connection.client, connection.server)) ?? [];
      return list[list.indexOf(connection) + 1];
    },
  };
};

/** For each connection by number, a number its endpoints have in common with every other connection between them. */
export const pairNumbers = (connections: Connection[]): number[] => {
  const numbers = new Map<string, number>();
  return connections.map(({ client, server }) => {
    const key = pairKey(client, server);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
};

/** Two endpoints as one word. */
export const pairKey = (a: Endpoint, b: Endpoint): string => `${a.address}:${a.port} ${b.address}:${b.port}`;
