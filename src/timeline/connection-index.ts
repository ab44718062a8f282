// Which connection an address pair means at a given time: a four-tuple may be used again.

import type { Endpoint } from '../record/endpoint.ts';
import { farHost, type HostName, hostNames } from '../record/hosts.ts';
import type { Connection } from './schema.ts';
import { lastAtOrBefore } from './search.ts';

export type ConnectionIndex = {
  /** The latest connection between these endpoints begun by `at` (ns since the start of the run), else the first one. */
  find(local: Endpoint, remote: Endpoint, at: number): Connection | undefined;
  /** All connections between these endpoints begun by `at`, in order. */
  begun(local: Endpoint, remote: Endpoint, at: number): Connection[];
  /** The connection that used the same endpoints next. */
  next(connection: Connection): Connection | undefined;
};

/** `isReal` tells a connection some host took part in from one that consists of segments the wire made up. */
export const indexConnections = (
  connections: Connection[],
  isReal: (connection: Connection) => boolean,
): ConnectionIndex => {
  const byPair = Map.groupBy(connections.filter(isReal), pairOf);
  for (const list of byPair.values()) list.sort((a, b) => a.begin - b.begin);
  const between = (one: Endpoint, other: Endpoint) => byPair.get(eitherWay(one, other)) ?? [];
  return {
    find: (local, remote, at) => {
      const list = between(local, remote);
      return lastAtOrBefore(list, at, ({ begin }) => begin) ?? list[0];
    },
    begun: (local, remote, at) => between(local, remote).filter(({ begin }) => begin <= at),
    next: (connection) => {
      const list = byPair.get(pairOf(connection)) ?? [];
      return list[list.indexOf(connection) + 1];
    },
  };
};

/** For each connection by number, a number its endpoints have in common with every other connection between them. */
export const pairNumbers = (connections: Connection[]): number[] => {
  const numbers = new Map<string, number>();
  return connections.map((connection) => {
    const key = pairOf(connection);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
};

/** The two ends of a connection as one word: whoever looks at it, and from whichever end. */
export const pairOf = (connection: Connection): string => {
  const [own, peer] = endsAt(connection, hostNames.find((host) => connection[host]) as HostName);
  return eitherWay(own, peer);
};

/** The end of a connection that is at this host, and the other one. */
export const endsAt = (connection: Connection, host: HostName): [own: Endpoint, peer: Endpoint] => [
  connection[host],
  connection[farHost(connection, host)],
];

/** Two endpoints as one word, in either order. */
export const eitherWay = (a: Endpoint, b: Endpoint): string => [nameOf(a), nameOf(b)].sort().join(' ');

/** Two endpoints as one word. */
export const pairKey = (a: Endpoint, b: Endpoint): string => `${nameOf(a)} ${nameOf(b)}`;

const nameOf = ({ address, port }: Endpoint): string => `${address}:${port}`;
