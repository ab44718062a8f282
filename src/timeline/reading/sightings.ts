// Every row of ss by the address pair it is about: what a host's socket looked like at a given time.

import type { Endpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { Sample, SocketRow, SocketTimer } from '../../record/samples.ts';
import { pairKey } from '../connection-index.ts';
import { countAtOrBefore } from '../search.ts';

/** ss gives what is left of a timer in whole jiffies: 4 ms where HZ is 250, 10 ms at most (ns). */
export const jiffy = 10e6;

export type Sighting = { sample: Sample; row: SocketRow };

export type Sightings = {
  /** The last row of the pair in a sample ended by `at`: what one shows that was still under way may have come after. */
  last(host: HostName, local: Endpoint, peer: Endpoint, at: number): Sighting | undefined;
  /** The first row of the pair in a sample begun after `at`. */
  next(host: HostName, local: Endpoint, peer: Endpoint, at: number): Sighting | undefined;
  /** The rows of the pair in samples begun by `at`, the last one first. */
  backwards(host: HostName, local: Endpoint, peer: Endpoint, at: number): Iterable<Sighting>;
  /** The last sample ended by `at` and begun after `since` whose row of the pair shows the timer armed. */
  armed(
    host: HostName,
    local: Endpoint,
    peer: Endpoint,
    timer: SocketTimer['name'],
    at: number,
    since: number,
  ): Sighting | undefined;
};

export const indexSightings = (samples: Sample[]): Sightings => {
  const byPair = new Map<string, Sighting[]>();
  for (const sample of samples) {
    for (const row of sample.rows) {
      const key = `${sample.host} ${pairKey(row.local, row.peer)}`;
      const list = byPair.get(key);
      if (list) list.push({ sample, row });
      else byPair.set(key, [{ sample, row }]);
    }
  }
  const upTo = (host: HostName, local: Endpoint, peer: Endpoint, at: number, edge: 'begin' | 'end' = 'begin') => {
    const list = byPair.get(`${host} ${pairKey(local, peer)}`) ?? [];
    return { list, count: countAtOrBefore(list, at, ({ sample }) => sample[edge]) };
  };
  return {
    last: (host, local, peer, at) => {
      const { list, count } = upTo(host, local, peer, at, 'end');
      return list[count - 1];
    },
    next: (host, local, peer, at) => {
      const { list, count } = upTo(host, local, peer, at);
      return list[count];
    },
    *backwards(host, local, peer, at) {
      const { list, count } = upTo(host, local, peer, at);
      for (let index = count - 1; index >= 0; index--) yield itemAt(list, index);
    },
    armed: (host, local, peer, timer, at, since) => {
      const { list, count } = upTo(host, local, peer, at, 'end');
      for (let index = count - 1; index >= 0; index--) {
        const sighting = itemAt(list, index);
        if (sighting.sample.begin <= since) return undefined;
        if (sighting.row.timer?.name === timer) return sighting;
      }
      return undefined;
    },
  };
};
