// The retransmission timers as ss shows them, each end of a connection by itself.

import type { HostName } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import { timeoutsAfter } from '../../timeline/causes/rto.ts';
import { eitherWay, pairOf } from '../../timeline/connection-index.ts';
import type { Connection, SegmentEvent, Timeline } from '../../timeline/schema.ts';
import { roundTripsOf } from '../../timeline/segments/round-trips.ts';
import { rtoMaxOf, rtoMinOf } from './rto-settings.ts';

export type Timers = {
  /** The sample whose row says so; absent where it follows from the captures alone. */
  id?: string;
  /** Smoothed round trip, milliseconds; absent before the first measurement. */
  rtt?: number;
  /** The retransmission timeout, milliseconds, before any doubling. */
  rto: number;
  /** The timeout that follows from the round trips in the captures. */
  measured: number;
  /** The timeout that would follow from the same round trips less what the wire kept the segments for on its own account. */
  undisturbed: number;
  /** Whether it lies above that by more than checks of kernel times allow for. */
  raised: boolean;
  /**
   * Whether the wire's pauses, which are in the captures, account for it. What a kernel took for a round trip they do
   * not always tell.
   */
  isOfPauses: boolean;
};

export type Shown = Pick<SocketRow, 'local' | 'peer' | 'info'>;

/**
 * The timeout of a row as it was before any doubling. One that runs out doubles the next, up to the longest, which no
 * longer tells what it was doubled from; a probe of the persist timer counts in `backoff` as well, and doubles nothing
 * (tcp_send_probe0()).
 */
export const undoubled = (
  { info: { rto, backoff = '0' }, timer }: Shown & Pick<SocketRow, 'timer'>,
  longest: number,
) => {
  const doublings = timer?.name === 'persist' ? 0 : Number(backoff);
  return doublings > 0 && Number(rto) >= longest ? undefined : Number(rto) / 2 ** doublings;
};

/** More than this is an influence; less lies within a tick of the kernel's clock and the tolerance of every check. */
export const tolerated = 1.05;

/** The connection a row is an end of: the last that had begun on its addresses. */
export const indexEnds = (connections: readonly Connection[]) => {
  const byPair = Map.groupBy(connections, pairOf);
  return ({ local, peer }: Shown, at: number) =>
    byPair.get(eitherWay(local, peer))?.findLast(({ begin }) => begin <= at);
};

/**
 * The timers of one end at a moment (nanoseconds since the start of the run). ss says what the kernel had, where it
 * looked after the latest measurement; else the captures do, by the kernel's own formula.
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
    measured: measured.rto,
    undisturbed,
    // Before a round trip has been measured there is nothing an observer could have made longer.
    raised: trips.length > 0 && rto > undisturbed * tolerated,
    isOfPauses: isOfPauses(rto, { measured: measured.rto, undisturbed }),
  };
};

/** Pauses account for the greater part of a timeout's rise: a kernel rounds its timeouts up to its own clock's ticks. */
export const isOfPauses = (rto: number, { measured, undisturbed }: Pick<Timers, 'measured' | 'undisturbed'>): boolean =>
  rto - measured < measured - undisturbed;

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
  const rows = rowsOf(timeline, connection, host).filter(
    ({ begin, end, row }) => begin >= from && end <= at && Number(row.info.rto) > 0,
  );
  const last = rows.findLast(({ row }) => row.info.backoff === undefined) ?? rows.at(-1);
  const rto = last && undoubled(last.row, rtoMaxOf(timeline, host, at));
  if (!last || rto === undefined) return undefined;
  const { rtt } = last.row.info;
  return {
    id: last.id,
    rto,
    rtt: typeof rtt === 'string' ? Number.parseFloat(rtt) : undefined,
  };
};

type Seen = { id: string; begin: number; end: number; row: SocketRow };

/** The rows of one end in all good samples, in order. */
const rowsOf = (timeline: Timeline, connection: number, host: HostName): Seen[] => {
  const known = rows.get(timeline) ?? indexRows(timeline);
  rows.set(timeline, known);
  return known.get(`${connection} ${host}`) ?? [];
};

export const rows = new WeakMap<Timeline, Map<string, Seen[]>>();

const indexRows = ({ samples, connections }: Timeline) => {
  const byEnd = new Map<string, Seen[]>();
  const endOf = indexEnds(connections);
  for (const { id, host, ok, begin, end, rows } of samples) {
    for (const row of ok ? rows : []) {
      const connection = endOf(row, end);
      if (!connection) continue;
      const key = `${connection.number} ${host}`;
      const list = byEnd.get(key);
      if (list) list.push({ id, begin, end, row });
      else byEnd.set(key, [{ id, begin, end, row }]);
    }
  }
  return byEnd;
};
