// What the retransmission timer of a host's end of a connection was set to, and to what it would have been set had
// nobody looked.
import type { HostName } from '../../record/hosts.ts';
import type { Timeline } from '../../timeline/schema.ts';
import type { ConnectionTimers } from '../schema.ts';
import { rtoMaxOf } from './rto-settings.ts';
import { indexEnds, isOfPauses, type Shown, timersAt, tolerated, undoubled } from './timers-shown.ts';

/** Each end of each connection that ss has shown with a measured round trip, over the run, the last word of `ss -E` among it. */
export const timersOfRun = (timeline: Timeline): ConnectionTimers[] => {
  const found = new Map<string, Found>();
  const endOf = indexEnds(timeline.connections);
  const look = (host: HostName, row: Shown, at: number, rto: number | undefined) => {
    const connection = endOf(row, at);
    const rtt = Number.parseFloat(String(row.info.rtt));
    if (!connection || !(rtt > 0)) return;
    const key = `${connection.number} ${host}`;
    const known = found.get(key) ?? { connection: connection.number, host, rtt: [rtt, rtt] };
    found.set(key, known);
    known.rtt = widened(known.rtt, rtt);
    if (rto !== undefined && rto > 0) {
      if (rto > (known.rto?.[1] ?? 0)) known.largest = at;
      known.rto = widened(known.rto ?? [rto, rto], rto);
    }
    if (row.info.minrtt !== undefined) known.minRtt = Number(row.info.minrtt);
    known.congestionControl ??= Object.keys(row.info).find((word) => congestionControls.has(word));
  };
  for (const { host, ok, end, rows } of timeline.samples)
    for (const row of ok ? rows : []) look(host, row, end, undoubled(row, rtoMaxOf(timeline, host, end)));
  // What is destroyed has lost its count of doublings, so that its timeout tells nothing once something was sent again.
  for (const one of timeline.destroyed)
    look(one.host, one, one.at, one.info.retrans === undefined ? Number(one.info.rto) : undefined);
  return [...found.values()]
    .map(({ largest, ...one }) => ({ ...one, ...influenceOn(timeline, one, largest) }))
    .sort((a, b) => a.connection - b.connection || (a.host < b.host ? -1 : 1));
};

const widened = ([low, high]: [number, number], value: number): [number, number] => [
  Math.min(low, value),
  Math.max(high, value),
];

/** `largest`: when ss showed the largest timeout, nanoseconds. */
type Found = Omit<ConnectionTimers, 'undisturbed' | 'raised'> & { largest?: number };

/** What the timeout would have been when it was largest, and whether the wire's pauses made the difference. */
const influenceOn = (
  timeline: Timeline,
  { connection, host, rto }: Omit<Found, 'largest'>,
  largest = timeline.duration,
): Pick<ConnectionTimers, 'undisturbed' | 'raised'> => {
  const timers = timersAt(timeline, connection, host, largest);
  const { undisturbed } = timers;
  return {
    undisturbed: Math.round(undisturbed),
    raised: rto ? isOfPauses(rto[1], timers) && rto[1] > undisturbed * tolerated : timers.isOfPauses && timers.raised,
  };
};

/** As ss -i prints them among its other words: net/ipv4/tcp_*.c. */
const congestionControls = new Set(
  'bbr bic cdg cubic dctcp highspeed htcp hybla illinois lp nv reno scalable vegas veno westwood yeah'.split(' '),
);
