// What the retransmission timer of a host's end of a connection was set to, and to what it would have been set had nobody looked.
import { roundTripsOf } from '../timeline/round-trips.ts';
import { timeoutsAfter } from '../timeline/rto.ts';
import type { HostName, Sample, SegmentEvent, SocketRow, Timeline } from '../timeline/schema.ts';

export type Timers = {
  /** The sample whose row says so; absent where it follows from the captures alone. */
  id?: string;
  /** Smoothed round trip, milliseconds; absent before the first measurement. */
  rtt?: number;
  /** The retransmission timeout, milliseconds, before any doubling. */
  rto: number;
  /** The timeout that would follow from the same round trips less what the wire kept the segments for on its own account. */
  undisturbed: number;
  /** Whether the observer raised it by more than checks of kernel times allow for. */
  raised: boolean;
};

/** More than this is an influence; less lies within a tick of the kernel's clock and the tolerance of every check. */
export const tolerated = 1.05;

/**
 * The timers of one end at a moment (nanoseconds since the start of the run). ss says what the kernel had, where it looked after the
 * latest measurement; else the captures do, by the kernel's own formula.
 */
export const timersAt = (timeline: Timeline, connection: number, host: HostName, at: number): Timers => {
  const trips = roundTripsOf(segmentsOf(timeline, connection), host).filter((trip) => trip.at <= at);
  const floor = rtoMinOf(timeline, host, at);
  const measured = timeoutsAfter(
    trips.map(({ total, ...rest }) => ({ ...rest, trip: total })),
    floor,
  );
  const undisturbed = timeoutsAfter(
    trips.map(({ own, ...rest }) => ({ ...rest, trip: own })),
    floor,
  ).rto;
  const shown = shownBefore(timeline, connection, host, { from: trips.at(-1)?.at ?? 0, at });
  const rto = shown?.rto ?? measured.rto;
  const rtt = shown?.rtt ?? measured.rtt;
  return {
    ...(shown && { id: shown.id }),
    ...(rtt !== undefined && { rtt }),
    rto,
    undisturbed,
    // Before a round trip has been measured there is nothing an observer could have made longer.
    raised: trips.length > 0 && rto > undisturbed * tolerated,
  };
};

const segmentsOf = (timeline: Timeline, connection: number): SegmentEvent[] => {
  const known =
    segments.get(timeline) ??
    Map.groupBy(
      timeline.events.filter((one) => one.kind === 'segment'),
      (one) => one.connection,
    );
  segments.set(timeline, known);
  return known.get(connection) ?? [];
};
const segments = new WeakMap<Timeline, Map<number, SegmentEvent[]>>();

/** The last row of the socket that shows its timeout as it was before any doubling: `rto` includes the backoff (icsk_rto). */
const shownBefore = (
  timeline: Timeline,
  connection: number,
  host: HostName,
  { from, at }: { from: number; at: number },
) => {
  const ends = timeline.connections[connection];
  if (!ends) return undefined;
  const [own, peer] = host === 'client' ? [ends.client, ends.server] : [ends.server, ends.client];
  const isOwn = ({ local, peer: remote }: SocketRow) => local.port === own.port && remote.port === peer.port;
  const rows = timeline.samples
    .filter((sample: Sample) => sample.host === host && sample.ok && sample.begin >= from && sample.end <= at)
    .flatMap(({ id, rows }) => rows.filter(isOwn).map((row) => ({ id, row })))
    .filter(({ row }) => Number(row.info.rto) > 0);
  const last = rows.findLast(({ row }) => row.info.backoff === undefined) ?? rows.at(-1);
  if (!last) return undefined;
  const { rto, rtt, backoff } = last.row.info;
  return {
    id: last.id,
    rto: Number(rto) / 2 ** Number(backoff ?? 0),
    rtt: typeof rtt === 'string' ? Number.parseFloat(rtt) : undefined,
  };
};

/** TCP_RTO_MIN is 200 ms; `rto_min` of the route and, since Linux 6.11, net.ipv4.tcp_rto_min_us change it (tcp_rto_min(), include/net/tcp.h). */
const rtoMinOf = (timeline: Timeline, host: HostName, at: number): number => {
  const settings = timeline.events.filter(
    (event) =>
      event.kind === 'call' && event.host === host && event.via === 'host' && event.at <= at && event.args.length > 1,
  );
  const lastOf = (wanted: string) => {
    const set = settings.findLast((event) => event.kind === 'call' && event.args[0] === wanted);
    return set?.kind === 'call' ? String(set.args[1]) : undefined;
  };
  const route = lastOf('rto_min');
  if (route !== undefined) return Number.parseFloat(route) * (/\ds$/.test(route) ? 1000 : 1);
  const sysctl = lastOf('net.ipv4.tcp_rto_min_us');
  return sysctl === undefined ? 200 : Number(sysctl) / 1000;
};
