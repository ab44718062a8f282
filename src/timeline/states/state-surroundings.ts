// What the host sent and received between the two samples that bound a change of state, and what of it can have made the change.
import type { HostName } from '../../record/hosts.ts';
import type { CallIndex } from '../calls/calls.ts';
import type { Holders } from '../calls/holders.ts';
import type { ProcessEnds } from '../calls/process-ends.ts';
import { arrivalOf } from '../causes/causes.ts';
import type { ConnectionIndex } from '../connection-index.ts';
import type { Draft, Link } from '../draft.ts';
import type { Counted } from '../reading/counted.ts';
import type { Connection, EmitEvent, SegmentEvent } from '../schema.ts';
import { within } from '../search.ts';
import type { Arrivals } from '../segments/arrivals.ts';
import { endOf, has } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import type { StateDraft } from './states.ts';

/**
 * What one host sent on a connection, and received on its pair of endpoints, in order of time. Causes of what it sent
 * are known.
 */
export type Traffic = {
  received: SegmentDraft[];
  sent: SegmentDraft[];
  /** What each arrival was to the socket. */
  arrivals: Arrivals;
};

export type StateContext = {
  calls: CallIndex;
  holders: Holders;
  ends: ProcessEnds;
  connections: Connection[];
  index: ConnectionIndex;
  counted: Counted;
  traffic(host: HostName, connection: number): Traffic;
  /** What Node emitted, in order of time. */
  emits: Draft<EmitEvent>[];
};

/** A cause, and the moment it pins the change to, where it does. */
export type StateCause = { cause: Link; at?: number };

export type Span = Traffic & {
  connection?: number;
  isOpener: boolean;
  /** The other's FIN had arrived, and all before it, by the end of the span. */
  finReceived: boolean;
  /** The host's own FIN, and the sequence number after it. */
  fin: SegmentDraft | undefined;
  afterFin: number | undefined;
};

export const unknown: StateCause = { cause: { kind: 'unknown' } };

/** What the host received and sent between the two samples that bound the change. */
export const spanOf = ({ event }: StateDraft, { traffic, connections }: StateContext): Span => {
  const { host, connection, between } = event;
  if (connection === undefined)
    return { ...noTraffic, isOpener: false, finReceived: false, fin: undefined, afterFin: undefined };
  const all = traffic(host, connection);
  const [from, to] = between;
  const sent = within(all.sent, from, to, ({ event: { at } }) => at);
  const fin = all.sent.find(({ event: one }) => has(one, 'F'));
  return {
    connection,
    received: within(all.received, from, to, arrivalOf),
    sent,
    arrivals: all.arrivals,
    isOpener: connections[connection]?.opener === host,
    finReceived: all.received.some((draft) => all.arrivals(draft).completesFin && arrivalOf(draft) <= to),
    fin,
    afterFin: fin && endOf(fin.event),
  };
};

export const arrived = (draft: SegmentDraft | undefined): StateCause | undefined =>
  draft && { cause: { kind: 'segment', of: draft }, at: arrivalOf(draft) };

const noTraffic: Traffic = {
  received: [],
  sent: [],
  arrivals: () => ({ isTaken: false, completesFin: false, isReset: false }),
};

/** The other's FIN counts when all before it has come (RFC 9293, section 3.10.7.4). */
export const completesFin =
  ({ arrivals }: Span) =>
  (draft: SegmentDraft): boolean =>
    arrivals(draft).completesFin;

/**
 * Of several that can have been it, the last: the kernel has dropped the others, for one that it takes it acknowledges
 * before the peer sends again. What came again at once is a copy.
 */
export const finTaken = (span: Span): SegmentDraft | undefined => {
  const able = span.received.filter(completesFin(span));
  const last = able.at(-1);
  return last && able.find((one) => arrivalOf(last) - arrivalOf(one) < soonestRetransmission);
};

/** TCP_RTO_MIN is 200 ms (include/net/tcp.h; ns). */
const soonestRetransmission = 200e6;

/** A segment the host sent in the span shows the change: its cause is the change's cause, its time the change's time. */
export const sentInSpan = ({ sent }: Span, shows: (event: SegmentEvent) => boolean): StateCause | undefined => {
  const draft =
    sent.find(({ event }) => event.role === undefined && shows(event)) ?? sent.find(({ event }) => shows(event));
  return draft?.cause && { cause: draft.cause, at: draft.event.at };
};

export const acknowledgesFin =
  ({ connection, afterFin, arrivals }: Span) =>
  (draft: SegmentDraft): boolean =>
    draft.event.connection === connection &&
    arrivals(draft).isTaken &&
    has(draft.event, '.') &&
    !has(draft.event, 'R') &&
    afterFin !== undefined &&
    draft.event.ack >= afterFin;
