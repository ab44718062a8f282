// Which end of a connection over a host's loopback a socket is: that of the client, which sent the SYN, or the server's.
import { ACK, SYN } from '../../packet/flags.ts';
import type { Segment } from '../../packet/segment.ts';
import type { Endpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import { pairKey } from '../connection-index.ts';

export type Ends = {
  /** The end that a socket with these addresses is at. One without a peer listens, or is the client's. */
  at(local: Endpoint | undefined, peer?: Endpoint): HostName;
};

/** `segments` in the order in which they were sent; `rows` are all that ss ever showed. */
export const findEnds = (segments: readonly Segment[], rows: readonly SocketRow[]): Ends => {
  const listening = new Set(rows.filter(({ state }) => state === 'LISTEN').map(({ local }) => local.port));
  const byPair = new Map<string, HostName>();
  const set = (opener: Endpoint, other: Endpoint) => {
    byPair.set(pairKey(opener, other), 'client');
    byPair.set(pairKey(other, opener), 'server');
    listening.add(other.port);
  };
  for (const segment of segments) {
    if (!(segment.flagBits & SYN)) continue;
    const source = { address: segment.sourceAddress, port: segment.sourcePort };
    const destination = { address: segment.destinationAddress, port: segment.destinationPort };
    const [opener, other] = segment.flagBits & ACK ? [destination, source] : [source, destination];
    // Of two SYNs that cross the first opens.
    if (!byPair.has(pairKey(opener, other))) set(opener, other);
  }
  return {
    at: (local, peer) => {
      if (!local) return 'client';
      const known = peer && peer.port !== 0 ? byPair.get(pairKey(local, peer)) : undefined;
      if (known) return known;
      return listening.has(local.port) ? 'server' : 'client';
    },
  };
};
