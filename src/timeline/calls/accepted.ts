// Which connection a socket is that a listener gave out: of those with the same addresses the one that has waited
// longest, for the accept queue gives them in the order in which they came (inet_csk_accept(),
// net/ipv4/inet_connection_sock.c), those too that were reset meanwhile.

import type { Endpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import type { ConnectionIndex } from '../connection-index.ts';
import type { Clock } from '../reading/clock.ts';
import type { SegmentDraft } from '../segments/segments.ts';

export type Accepted = {
  /** A port is listened on from `t` on: what waited before is gone. */
  listen(host: HostName, port: number, t: number): void;
  /** The connection of a socket that was accepted by `t`; undefined where none is known to have waited. */
  take(host: HostName, reported: { t: number; local: Endpoint; remote: Endpoint }): { number: number } | undefined;
};

export const createAccepted = (
  segments: readonly SegmentDraft[],
  { connections, clock }: { connections: ConnectionIndex; clock: Clock },
): Accepted => {
  const established = establishedIn(segments);
  const listening = new Map<string, number>();
  const taken = new Set<string>();
  return {
    listen: (host, port, t) => listening.set(`${host} ${port}`, clock.fromMonotonic(t)),
    take: (host, { t, local, remote }) => {
      const at = clock.fromMonotonic(t);
      const since = listening.get(`${host} ${local.port}`) ?? Number.NEGATIVE_INFINITY;
      const waiting = connections
        .begun(local, remote, at)
        .find(
          ({ number, opener, begin }) =>
            opener !== host && begin >= since && established.has(number) && !taken.has(`${host} ${number}`),
        );
      if (waiting) taken.add(`${host} ${waiting.number}`);
      return waiting && { number: waiting.number };
    },
  };
};

/** When the handshake of each connection came to its end: the opener's ACK arrived (ns since the start of the run). */
export const establishedIn = (segments: readonly SegmentDraft[]): ReadonlyMap<number, number> => {
  const openers = new Map<number, HostName>();
  const established = new Map<number, number>();
  for (const { event } of segments) {
    const { connection, from, flags, receivedAt } = event;
    if (flags.includes('S') && !flags.includes('.') && !openers.has(connection)) openers.set(connection, from);
    const isThird = from === openers.get(connection) && flags.includes('.') && !/[SR]/.test(flags);
    if (isThird && receivedAt !== undefined && !established.has(connection)) established.set(connection, receivedAt);
  }
  return established;
};
