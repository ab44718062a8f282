// By how much the kernel's counters rose around a moment. They are read with each sample of ss; what happened between
// two readings is in the later one. A counter that did not rise tells as much as one that did: what it counts has not
// happened.

import { type HostName, hostsIn, perHost } from '../../record/hosts.ts';
import { countAtOrBefore } from '../search.ts';
import type { Clock } from './clock.ts';
import type { CounterReadings } from './counters.ts';

/** The kernel counts a segment before it sends it, and a capture may be later still on a busy machine (ns). */
export const countedEarly = 20e6;

export type Counted = {
  /**
   * By how much a host's counter (`TcpExt.TCPLossProbes`) rose between the readings on both sides of a moment, or of a
   * span of them (nanoseconds since the start of the run); undefined where the counters were not read on both sides.
   */
  rise(host: HostName, name: string, from: number, to?: number): number | undefined;
};

/** Index what was read. */
export const indexCounters = ({ rises, readings }: CounterReadings, { fromMonotonic }: Clock): Counted => {
  const read = perHost(
    (host) => readings[host].map((one) => ({ begin: fromMonotonic(one.begin), end: fromMonotonic(one.end) })),
    hostsIn(readings),
  );
  const risen = Map.groupBy(
    rises.map(({ host, name, by, to }) => ({ key: `${host} ${name}`, by, at: fromMonotonic(to) })),
    ({ key }) => key,
  );
  return {
    rise: (host, name, from, to = from) => {
      const own = read[host];
      // A reading that was under way may have it, or the next one.
      const before = own[countAtOrBefore(own, from, ({ end }) => end) - 1];
      const after = own[countAtOrBefore(own, to, ({ begin }) => begin)];
      if (!before || !after) return undefined;
      const list = risen.get(`${host} ${name}`) ?? [];
      const upTo = (t: number) => countAtOrBefore(list, t, ({ at }) => at);
      return list.slice(upTo(before.end), upTo(after.end)).reduce((sum, { by }) => sum + by, 0);
    },
  };
};
