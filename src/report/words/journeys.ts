// How each segment crossed the wire, where that is worth telling: held back, delayed, or on it together with another
// that matters.
import { itemAt } from '../../record/item-at.ts';
import type { SegmentEvent, Timeline, WireEvent } from '../../timeline/schema.ts';

export type Journey = {
  /** Why it took its time. `shared`: one from the other side met it on the wire, or it queued behind one that was held. */
  kind: 'held' | 'delayed' | 'shared';
  /** Nanoseconds between the two captures. */
  took: number;
};

/** A segment both hosts saw. */
type Flight = SegmentEvent & { sentAt: number; receivedAt: number };

/** The segments that arrive at a moment of their own, by id. */
export const journeysOf = ({ events }: Timeline): Map<string, Journey> => {
  const operations = events.filter((event) => event.kind === 'wire');
  const journeys = new Map<string, Journey>();
  for (const flights of Map.groupBy(events.filter(isFlight), ({ connection }) => connection).values()) {
    const mark = ({ id, sentAt, receivedAt }: Flight, kind: Journey['kind']) => {
      if (kind !== 'shared' || !journeys.has(id)) journeys.set(id, { kind, took: receivedAt - sentAt });
    };
    flights.sort((a, b) => a.sentAt - b.sentAt);
    for (const [index, flight] of flights.entries()) {
      const kind = operationOn(flight, operations);
      if (kind) mark(flight, kind);
      for (const other of during(flight, flights, index)) {
        const isLater = other.receivedAt > flight.receivedAt;
        if (other.from === flight.from && kind && isLater) mark(other, 'shared');
        if (other.from !== flight.from && (opensOrEnds(flight) || opensOrEnds(other))) mark(flight, 'shared');
        if (other.from !== flight.from && opensOrEnds(flight) && opensOrEnds(other) && isLater) mark(other, 'shared');
      }
    }
  }
  return journeys;
};

const isFlight = (event: Timeline['events'][number]): event is Flight =>
  event.kind === 'segment' && event.sentAt !== undefined && event.receivedAt !== undefined;

/** The segments sent while this one was on the wire. */
function* during({ receivedAt }: Flight, flights: Flight[], index: number): Generator<Flight> {
  for (let next = index + 1; next < flights.length; next++) {
    const other = itemAt(flights, next);
    if (other.sentAt >= receivedAt) return;
    yield other;
  }
}

/** A release names the frames it let go; what else the script had the wire keep was delayed. */
const operationOn = ({ keptByScript = 0, frame }: Flight, operations: WireEvent[]): 'held' | 'delayed' | undefined => {
  const isReleased = ({ operation, args }: WireEvent) =>
    operation === 'release' && Array.isArray(args.frames) && args.frames.includes(frame);
  if (operations.some(isReleased)) return 'held';
  return keptByScript > 0 ? 'delayed' : undefined;
};

/** Of two that meet, one has to open or end the connection: acknowledgements and data cross all the time. */
const opensOrEnds = ({ flags }: SegmentEvent): boolean => /[SFR]/.test(flags);
