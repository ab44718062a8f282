// What the cause of a segment is found with, and the causes themselves.
import type { CallDraft } from '../calls/api-events.ts';
import type { CallIndex } from '../calls/calls.ts';
import type { Holders, SocketEnd } from '../calls/holders.ts';
import type { ProcessEnds } from '../calls/process-ends.ts';
import type { Draft, Link } from '../draft.ts';
import type { Counted } from '../reading/counted.ts';
import type { Sightings } from '../reading/sightings.ts';
import type { Connection, SegmentEvent } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import type { FiredTimers } from './fired-timers.ts';

export type CauseContext = {
  calls: CallIndex;
  holders: Holders;
  ends: ProcessEnds;
  connections: Connection[];
  sightings: Sightings;
  /** What the kernel's counters say of the timer behind a retransmission. */
  fired: FiredTimers;
  counted: Counted;
  surroundings: Map<SegmentDraft, Surroundings>;
  /** The wire's operations by their number in wire.ndjson. */
  operations: Map<number, Draft>;
};

export const unknown: Link = { kind: 'unknown' };

export const segment = (of: SegmentDraft): Link => ({ kind: 'segment', of });

export const call = (of: CallDraft): Link => ({ kind: 'call', of });

/** When a segment was handed to its receiver's kernel (ns). */
export const arrivalOf = ({ event, handledAt }: SegmentDraft): number => event.receivedAt ?? handledAt ?? event.at;

/** When the socket last sent or was given something (ns); 0 where it never did. */
export const lastMoved = ({ lastReceived, previousSent }: Surroundings): number =>
  Math.max(lastReceived ? arrivalOf(lastReceived) : 0, previousSent?.event.at ?? 0);

/** The segment that arrived last, if this one was sent before the kernel had done with it: inside the wire's write to the TAP. */
export const answered = (event: SegmentEvent, { lastReceived }: Surroundings): Link | undefined =>
  lastReceived && event.at <= (lastReceived.handledAt ?? arrivalOf(lastReceived)) + clockSlack
    ? segment(lastReceived)
    : undefined;

/** What the end of the write and the captured time may differ by (ns). */
const clockSlack = 100_000;

/** Whether a segment was sent while the kernel processed an arrival. */
export const isAnswer = ({ event }: SegmentDraft, nearby: Surroundings): boolean =>
  answered(event, nearby) !== undefined;

export const socketOf = ({ from, connection, source }: SegmentEvent): SocketEnd & { connection: number } => ({
  host: from,
  connection,
  port: source.port,
});
